namespace Defuse.Platform.Timing;

/// <summary>Waits as exactly as .NET does, for systems that nothing better is known of.</summary>
internal sealed class CoarseWaiter : IPreciseWaiter
{
    private readonly AutoResetEvent _wake = new(initialState: false);

    public void Wait(TimeSpan time) =>
        _wake.WaitOne(time == Timeout.InfiniteTimeSpan ? Timeout.Infinite : (int)Math.Min(Math.Ceiling(time.TotalMilliseconds), int.MaxValue));

    public void Wake() => _wake.Set();

    public void Dispose() => _wake.Dispose();
}
