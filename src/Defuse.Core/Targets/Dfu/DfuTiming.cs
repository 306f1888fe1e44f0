namespace Defuse.Targets.Dfu;

/// <summary>What is known of how long a piece of work takes: the two times between which it ends.</summary>
/// <param name="LongestBusy">When it was last found unfinished, and latest.</param>
/// <param name="ShortestDone">When it was found done, at the earliest; null before it was.</param>
internal readonly record struct DfuTiming(TimeSpan? LongestBusy, TimeSpan? ShortestDone)
{
    // Narrower than this, or than a thirty-second of the whole, asking in between saves less than a question costs.
    private static readonly TimeSpan NarrowEnough = TimeSpan.FromMilliseconds(1.5);

    /// <summary>When to ask next time: in the middle, until the two are close; null if nothing was found done yet.</summary>
    public TimeSpan? Aim => ShortestDone is not { } done ? null
        : done - Busy <= NarrowEnough || done - Busy <= done / 32 ? done
        : Busy + ((done - Busy) / 2);

    private TimeSpan Busy => LongestBusy ?? TimeSpan.Zero;

    public DfuTiming BusyAt(TimeSpan elapsed) =>
        new(elapsed > Busy ? elapsed : LongestBusy, ShortestDone <= elapsed ? null : ShortestDone);

    /// <remarks>
    /// What was found unfinished is forgotten little by little: work may become faster again, and then a question in
    /// between, once in a while, finds that out.
    /// </remarks>
    public DfuTiming DoneAt(TimeSpan elapsed)
    {
        var busy = elapsed <= Busy ? TimeSpan.Zero : Busy - (Busy / 256);
        return new(busy, ShortestDone is { } done && done <= elapsed ? done : elapsed);
    }
}
