namespace Defuse.Targets.Dfu;

/// <summary>Decides when a busy device is asked again.</summary>
/// <remarks>
/// bwPollTimeout is only a hint: F4 and H7 ROMs report 100 ms for what takes none, or 10 s. What each piece of work really
/// took on this device is remembered, and the next one like it is asked about when it should just be done. A device that
/// refuses to be asked early is asked no earlier than it said, from then on, and hardly ever before such work can be done.
/// </remarks>
/// <param name="asReported">Whether the device is known not to bear an early question.</param>
internal sealed class DfuPolling(bool asReported)
{
    // A tick of most systems' timers, and a USB frame: asking more often tells nothing.
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestGap = TimeSpan.FromMilliseconds(500);

    // Up to here the time between two questions grows by half while nothing is known, and then by a twelfth.
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(32);

    // An early question costs a device that stalls it as long as it said once more: closer than this, none is ventured.
    private static readonly TimeSpan NarrowWhenRefused = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<DfuWork, DfuTiming> _known = [];

    /// <summary>Whether the device is asked no earlier than it said.</summary>
    public bool AsReported { get; private set; } = asReported;

    /// <summary>The device refused to be asked so early.</summary>
    /// <param name="work">What it was doing.</param>
    /// <param name="elapsed">For how long it had been doing that.</param>
    public void Refused(DfuWork work, TimeSpan elapsed)
    {
        AsReported = true;
        _known[work] = _known.GetValueOrDefault(work).BusyAt(elapsed);
    }

    /// <summary>How long to sleep before the device is asked again.</summary>
    /// <param name="work">What it is doing.</param>
    /// <param name="elapsed">For how long it has been doing that.</param>
    /// <param name="polls">How often it was asked.</param>
    /// <param name="reported">The bwPollTimeout that it answered last.</param>
    public TimeSpan GapAfter(DfuWork work, TimeSpan elapsed, int polls, TimeSpan reported)
    {
        var timing = _known.GetValueOrDefault(work);
        if (AsReported)
        {
            return polls == 0 ? Max(reported, AimWhenRefused(timing)) : Max(reported, ShortestGap);
        }

        var gap = timing.Aim is { } aim && aim > elapsed ? aim - elapsed
            : polls == 0 && timing.LongestBusy is null ? FirstGuess(work, reported)
            : timing.IsKnown ? elapsed / 32
            : elapsed < Short ? elapsed / 2
            : elapsed / 12;
        return polls == 0 && gap < ShortestGap ? (timing.IsKnown ? Max(gap, TimeSpan.Zero) : TimeSpan.Zero) : Min(Max(gap, ShortestGap), polls == 0 ? TimeSpan.MaxValue : LongestGap);
    }

    /// <summary>The device was asked, and answered whether it was done.</summary>
    /// <param name="work">What it was doing.</param>
    /// <param name="elapsed">For how long it had been doing that when it was asked.</param>
    /// <param name="status">Its answer; of work that failed nothing is learned.</param>
    public void Learn(DfuWork work, TimeSpan elapsed, DfuStatus status)
    {
        var timing = _known.GetValueOrDefault(work);
        if (work != DfuWork.Unknown && status.Code == DfuStatusCode.Ok)
        {
            _known[work] = status.State == DfuState.DownloadIdle ? timing.DoneAt(elapsed, forgets: !AsReported) : timing.BusyAt(elapsed);
        }
    }

    // Of what was never done here: a command is done at once. A block takes its share of what a longer one takes, and a
    // sector no less than a smaller one. Else it is asked early, but not before anything can be done.
    private TimeSpan FirstGuess(DfuWork work, TimeSpan reported) => work.Kind switch
    {
        DfuWorkKind.Command => TimeSpan.Zero,
        DfuWorkKind.Write => Nearest(work, larger: true) is { } block ? block.Value * ((double)work.Size / block.Key.Size) : Min(reported, ShortestGap),
        _ => Nearest(work, larger: false)?.Value ?? reported / 8,
    };

    private KeyValuePair<DfuWork, TimeSpan>? Nearest(DfuWork work, bool larger)
    {
        KeyValuePair<DfuWork, TimeSpan>? nearest = null;
        foreach (var (other, timing) in _known)
        {
            if (other.Kind == work.Kind
                && timing.ShortestDone is { } done
                && other.Size != work.Size
                && (other.Size > work.Size) == larger
                && (nearest is null || Math.Abs(other.Size - work.Size) < Math.Abs(nearest.Value.Key.Size - work.Size)))
            {
                nearest = new(other, done);
            }
        }

        return nearest;
    }

    // In the middle between refused and done, as long as that is worth a refusal more.
    private static TimeSpan AimWhenRefused(DfuTiming timing)
    {
        var done = timing.ShortestDone ?? TimeSpan.Zero;
        var refused = timing.LongestBusy ?? TimeSpan.Zero;
        return done - refused <= NarrowWhenRefused ? done : refused + ((done - refused) / 2);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
