namespace Defuse.Targets.Dfu;

/// <summary>What is known of how long a piece of work takes: the two times between which it ends.</summary>
/// <param name="LongestBusy">When it was last found unfinished, and latest.</param>
/// <param name="ShortestDone">When it was found done, at the earliest; null while that is not known, or no longer.</param>
internal readonly record struct DfuTiming(TimeSpan? LongestBusy, TimeSpan? ShortestDone)
{
    // Between two times that are closer, or closer than this part of the whole, asking costs more than it saves.
    private static readonly TimeSpan NarrowEnough = TimeSpan.FromMilliseconds(0.25);
    private const int NarrowPart = 512;

    // What the clocks of the host and the device, and the bus between them, were found to differ by from one time to the next.
    private static readonly TimeSpan MarginStep = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan WidestMargin = TimeSpan.FromMilliseconds(4);

    /// <summary>When to ask next time: in the middle, until the two are close; null if nothing was found done yet.</summary>
    public TimeSpan? Aim => ShortestDone is not { } done ? null
        : IsNarrow(done) ? done + Margin
        : Busy + ((done - Busy) / 2);

    /// <summary>Whether such work was ever found done, so that it is known about how long it takes.</summary>
    public bool IsKnown { get; private init; }

    // How much later than the earliest it is asked, since at the earliest it was found busy at other times.
    private TimeSpan Margin { get; init; }

    // The two were close already: what is found done before them is news.
    private bool IsSettled { get; init; }

    private TimeSpan Busy => LongestBusy ?? TimeSpan.Zero;

    public DfuTiming BusyAt(TimeSpan elapsed)
    {
        var contradicts = ShortestDone <= elapsed;
        return this with
        {
            LongestBusy = elapsed > Busy ? elapsed : LongestBusy,
            ShortestDone = contradicts ? null : ShortestDone,
            Margin = contradicts && Margin < WidestMargin ? Margin + MarginStep : Margin,
        };
    }

    /// <param name="elapsed">When it was found done.</param>
    /// <param name="forgets">
    /// Whether what was found unfinished is forgotten little by little: work may become faster again, and then a question in
    /// between, once in a while, finds that out.
    /// </param>
    public DfuTiming DoneAt(TimeSpan elapsed, bool forgets)
    {
        var done = ShortestDone is { } earlier && earlier <= elapsed ? earlier : elapsed;
        var isNews = elapsed <= Busy || (IsSettled && elapsed < ShortestDone);
        var busy = isNews ? TimeSpan.Zero : Busy;
        var next = this with { LongestBusy = busy, ShortestDone = done, IsKnown = true };
        var isNarrow = next.IsNarrow(done);
        return next with
        {
            LongestBusy = isNarrow && forgets ? busy - Min(busy, NarrowEnough / 32) : busy,
            Margin = Margin - (Margin / 64),
            IsSettled = !isNews && (IsSettled || isNarrow),
        };
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private bool IsNarrow(TimeSpan done) => done - Busy <= NarrowEnough + Margin || done - Busy <= done / NarrowPart;
}
