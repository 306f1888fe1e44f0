namespace Defuse.Entering;

/// <summary>A moment on a clock until which something is waited for.</summary>
internal readonly struct Deadline(TimeProvider time, TimeSpan length)
{
    private readonly long _started = time.GetTimestamp();

    public TimeProvider Time => time;

    public TimeSpan Left => length - time.GetElapsedTime(_started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    public bool IsOver => Left == TimeSpan.Zero;
}
