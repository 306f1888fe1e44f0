namespace Defuse.Simulator.Chips;

/// <summary>A chip's work, one piece after the other.</summary>
/// <remarks>
/// Nothing happens in the background: whoever looks at the chip settles first, and then finds what has been done by now.
/// </remarks>
internal sealed class ChipWorkQueue(VirtualClock clock)
{
    private readonly Queue<ChipWork> _queue = [];

    public ChipWork Begin(TimeSpan duration, Func<bool> complete, Action<double> interrupt)
    {
        Settle();
        var now = clock.Elapsed;
        var wait = _queue.Count == 0 ? TimeSpan.Zero : _queue.Max(x => x.End) - now;
        var work = new ChipWork(now + wait, clock.CompletionOf(wait + duration), complete, interrupt);
        _queue.Enqueue(work);
        return work;
    }

    public void Settle()
    {
        while (_queue.TryPeek(out var work) && work.End <= clock.Elapsed)
        {
            _queue.Dequeue();
            work.Complete();
        }
    }

    /// <summary>The power fails.</summary>
    public void Interrupt()
    {
        Settle();
        var now = clock.Elapsed;
        while (_queue.TryDequeue(out var work))
        {
            work.Interrupt(now);
        }
    }
}
