using System.Collections.Immutable;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli.Live;

/// <summary>What the events told so far, for an end that leaves no time for a report.</summary>
internal sealed class KnownState : IProgress<ProgrammingEvent>
{
    private readonly Lock _lock = new();
    private readonly StateMap _states = new();
    private FlashPlan? _plan;
    private ProgrammingPhase? _phase;
    private long _bytesWritten;
    private long _sectorsErased;

    /// <summary>The ranges whose state nobody knows while the work on them is in flight.</summary>
    public ImmutableArray<AddressRange> InFlight => In(RangeState.Indeterminate);

    /// <summary>The ranges that are in a state.</summary>
    public ImmutableArray<AddressRange> In(RangeState state)
    {
        lock (_lock)
        {
            return [.. _states.Ranges.Where(x => x.State == state).Select(x => x.Range)];
        }
    }

    /// <summary>What is known of memory, if any of it may hold something else than before; else empty.</summary>
    public ImmutableArray<ReportedRange> Changed
    {
        get
        {
            lock (_lock)
            {
                return _bytesWritten > 0 || _sectorsErased > 0 || _states.Ranges.Any(x => x.State is RangeState.Indeterminate or RangeState.Blank or RangeState.Written)
                    ? [.. _states.Ranges.Where(x => x.State != RangeState.Untouched)]
                    : [];
            }
        }
    }

    /// <summary>What is finished before an end that was asked for once, and what asking again leaves.</summary>
    public string Stopping
    {
        get
        {
            lock (_lock)
            {
                return _phase switch
                {
                    ProgrammingPhase.Erase when _plan is { EraseChip: true } => "Stopping after the erase in flight; Ctrl-C again quits at once and leaves it half done.",
                    ProgrammingPhase.Erase => "Stopping after the sector in flight; Ctrl-C again quits at once and leaves it half done.",
                    ProgrammingPhase.Write => "Stopping after the block in flight; Ctrl-C again quits at once and leaves it half done.",
                    ProgrammingPhase.Unprotect => "The chip erases itself, and nothing stops it; Ctrl-C again quits at once.",
                    _ => "Stopping after the block in flight; Ctrl-C again quits at once.",
                };
            }
        }
    }

    public void Report(ProgrammingEvent value)
    {
        lock (_lock)
        {
            switch (value)
            {
                case ProgrammingEvent.Planned planned:
                    Plan(planned.Plan);
                    break;
                case ProgrammingEvent.PhaseStarted started:
                    _phase = started.Phase;
                    break;
                case ProgrammingEvent.Progressed { Phase: ProgrammingPhase.Write } progressed:
                    _bytesWritten = progressed.Bytes;
                    break;
                case ProgrammingEvent.StateChanged changed:
                    _states.Set(changed.Range, changed.State);
                    CountErased(changed);
                    break;
            }
        }
    }

    /// <summary>The line with what is known filled in.</summary>
    public ResultLine Fill(ResultLine line)
    {
        lock (_lock)
        {
            return _plan is null ? line : line with
            {
                BytesWritten = _bytesWritten,
                BytesVerified = _states.Ranges.Where(x => x.State == RangeState.Verified).Sum(x => x.Range.Length),
                SectorsErased = (int)_sectorsErased,
                Ranges = [.. _states.Ranges.Select(x => JsonRange.Of(x.Range, Texts.Word(x.State)))],
            };
        }
    }

    private void Plan(FlashPlan plan)
    {
        if (_plan is null)
        {
            foreach (var step in plan.Sectors)
            {
                _states.Set(step.Sector.Range, RangeState.Untouched);
            }
        }

        _plan = plan;
    }

    private void CountErased(ProgrammingEvent.StateChanged changed)
    {
        if (_phase == ProgrammingPhase.Erase && changed.State == RangeState.Blank)
        {
            _sectorsErased += _plan?.Target.Memory.Regions.SelectMany(x => x.Runs)
                .Sum(x => x.Range.Intersect(changed.Range) is { } shared ? shared.Length / x.SectorSize : 0) ?? 0;
        }
    }
}
