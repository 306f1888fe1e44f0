namespace Defuse.Bench.Performance;

/// <summary>A bus that carries one control transfer at a time, each of which takes it equally long.</summary>
internal sealed class Bus(EventLoop loop, TimeSpan transferTime)
{
    private TimeSpan _free;

    public TimeSpan TransferTime => transferTime;

    public long Transfers { get; private set; }

    /// <summary>Waits until the bus is free, and takes it for one transfer.</summary>
    public ValueTask TakeAsync()
    {
        var start = _free > loop.Now ? _free : loop.Now;
        _free = start + transferTime;
        Transfers++;
        return loop.UntilAsync(start);
    }
}
