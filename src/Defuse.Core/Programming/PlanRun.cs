using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Targets;
using Microsoft.Extensions.Logging;

namespace Defuse.Programming;

/// <summary>One piece of work on a device: does the plan's steps and keeps the account of what is known.</summary>
internal sealed partial class PlanRun(IMemoryTarget target, IProgress<ProgrammingEvent>? progress, ILogger logger)
{
    private readonly RangeAccount _account = new(progress);
    private readonly List<string> _warnings = [];
    private long _started;
    private bool _changed;
    private long _bytesWritten;
    private int _sectorsErased;
    private StartOutcome? _start;

    public FlashPlan? Plan { get; private set; }

    public void Begin(FlashPlan plan)
    {
        if (Plan is null)
        {
            _account.Open(Touched(plan));
        }

        Plan = plan;
        progress?.Report(new ProgrammingEvent.Planned(plan));
    }

    /// <summary>Does the work and reports, whatever comes of it.</summary>
    public async ValueTask<FlashReport> ReportAsync(Func<Task> work)
    {
        _started = target.Time.GetTimestamp();
        DefuseException? error = null;
        FlashOutcome outcome;
        try
        {
            await work().ConfigureAwait(false);
            outcome = _account.Difference is not null ? FlashOutcome.Differs
                : _account.BytesVerified == Plan!.Image.ByteCount ? FlashOutcome.Verified
                : FlashOutcome.WrittenUnverified;
            error = _account.Difference is { } difference ? new VerificationException(difference, _changed) : null;
        }
        catch (OperationCanceledException)
        {
            outcome = FlashOutcome.Cancelled;
        }
        catch (PlanRefusedException e)
        {
            (outcome, error) = (FlashOutcome.Refused, e);
        }
        catch (DefuseException e)
        {
            (outcome, error) = (_changed ? FlashOutcome.Incomplete : FlashOutcome.Failed, e);
        }

        if (_start is null && error is not TransportException)
        {
            await TrySettleAsync().ConfigureAwait(false);
        }

        return new FlashReport
        {
            Outcome = outcome,
            Error = error,
            Plan = Plan,
            Ranges = _account.Ranges,
            BytesWritten = _bytesWritten,
            BytesVerified = _account.BytesVerified,
            SectorsErased = _sectorsErased,
            Elapsed = target.Time.GetElapsedTime(_started),
            Started = _start,
            Warnings = [.. Plan?.Warnings ?? [], .. _warnings],
        };
    }

    /// <summary>Finds the sectors that differ; leaves each at its first difference.</summary>
    /// <returns>Null if memory cannot be read and the options allow to go on.</returns>
    public async ValueTask<MemorySurvey?> SurveyAsync(FlashOptions options, CancellationToken cancellationToken)
    {
        var plan = Plan!;
        var changed = new HashSet<uint>();
        var phase = StartPhase(ProgrammingPhase.Compare, plan.SurveyReads.Sum(x => x.Length));
        try
        {
            foreach (var sweep in plan.SurveyReads)
            {
                for (long address = sweep.Start; address < sweep.End;)
                {
                    address = await CompareUntilDifferenceAsync(AddressRange.FromBounds(address, sweep.End), changed, phase, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (DeviceRefusedException e) when (e.IndicatesReadOutProtection)
        {
            await RefuseUnlessAllowedAsync(e, options, cancellationToken).ConfigureAwait(false);
            return null;
        }

        phase.Finish();
        if (changed.Count == 0)
        {
            // The comparison was the proof: nothing has changed since, so reading it all again would add nothing.
            _account.VerifiedAll(plan);
        }

        return new MemorySurvey(changed);
    }

    /// <summary>Looks whether memory can be read at all, where nothing else does before the first erase.</summary>
    public async ValueTask ProbeAsync(FlashOptions options, CancellationToken cancellationToken)
    {
        var start = Plan!.Image.Extent!.Value.Start;
        var range = new AddressRange(start, Math.Min(Plan.Image.Segments[0].Range.Length, Plan.Target.BlockSize));
        try
        {
            await foreach (var block in target.ReadAsync(range, cancellationToken).ConfigureAwait(false))
            {
                LogProbed(block.Range);
            }
        }
        catch (DeviceRefusedException e) when (e.IndicatesReadOutProtection)
        {
            await RefuseUnlessAllowedAsync(e, options, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask EraseAsync(CancellationToken cancellationToken)
    {
        var plan = Plan!;
        if (plan.EraseChip)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var all = FlashRanges(plan.Target.Memory).ToList();
            var phase = StartPhase(ProgrammingPhase.Erase, all.Sum(x => x.Length));
            all.ForEach(x => _account.Mark(x, RangeState.Indeterminate));
            _changed = true;
            await target.EraseAllAsync(cancellationToken).ConfigureAwait(false);
            all.ForEach(x => _account.Mark(x, RangeState.Blank));
            _sectorsErased = plan.Target.Memory.Flash?.Runs.Sum(x => x.Count) ?? 0;
            phase.Advance(all[^1].Last, all.Sum(x => x.Length));
            phase.Finish();
        }
        else if (!plan.Erases.IsEmpty)
        {
            var phase = StartPhase(ProgrammingPhase.Erase, plan.Erases.Sum(x => x.Range.Length));
            foreach (var sector in plan.Erases)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _account.Mark(sector.Range, RangeState.Indeterminate);
                _changed = true;
                await target.EraseSectorAsync(sector.Range.Start, cancellationToken).ConfigureAwait(false);
                _account.Mark(sector.Range, RangeState.Blank);
                _sectorsErased++;
                phase.Advance(sector.Range.Last, sector.Range.Length);
            }

            phase.Finish();
        }
    }

    public async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        var plan = Plan!;
        if (plan.Writes.IsEmpty)
        {
            return;
        }

        var phase = StartPhase(ProgrammingPhase.Write, plan.BytesToWrite);
        foreach (var run in plan.Writes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var observer = new WriteObserver(this, run.Range, phase);
            try
            {
                observer.BlockBegins();
                await target.WriteAsync(run.Range.Start, run.Data, observer, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // A target looks at its token between blocks only: the block that was next was never begun.
                observer.BlockNeverBegan();
                throw;
            }
        }

        phase.Finish();
    }

    public async ValueTask VerifyAsync(CancellationToken cancellationToken)
    {
        var plan = Plan!;
        if (plan.VerifyReads.IsEmpty || _account.BytesVerified == plan.Image.ByteCount)
        {
            return;
        }

        _account.RestartVerification();
        var phase = StartPhase(ProgrammingPhase.Verify, plan.VerifyReads.Sum(x => x.Length));
        var expected = new byte[plan.Target.BlockSize];
        foreach (var sweep in plan.VerifyReads)
        {
            await foreach (var block in target.ReadAsync(sweep, cancellationToken).ConfigureAwait(false))
            {
                _account.Compare(block, plan.Image, expected.AsSpan(0, block.Data.Length));
                phase.Advance(block.Range.Last, block.Data.Length);
            }
        }

        phase.Finish();
    }

    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (Plan!.Start is not { } address || _account.Difference is not null)
        {
            return;
        }

        cancellationToken.ThrowIfCancellationRequested();
        var phase = StartPhase(ProgrammingPhase.Start, 0);
        try
        {
            _start = await target.StartAsync(address, cancellationToken).ConfigureAwait(false);
            phase.Finish();
        }
        catch (DefuseException e)
        {
            // What was proven stays proven; starting is the one step that ROMs are known to fail.
            LogNotStarted(e);
            _warnings.Add($"the program was not started: {e.Message}; take BOOT0 low and power the board off and on");
        }
    }

    public async ValueTask<FirmwareImage> ReadAsync(AddressRange range, CancellationToken cancellationToken)
    {
        var phase = StartPhase(ProgrammingPhase.Read, range.Length);
        var bytes = new byte[range.Length];
        try
        {
            await foreach (var block in target.ReadAsync(range, cancellationToken).ConfigureAwait(false))
            {
                block.Data.CopyTo(bytes.AsMemory((int)(block.Address - range.Start)));
                phase.Advance(block.Range.Last, block.Data.Length);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or DeviceRefusedException)
        {
            await TrySettleAsync().ConfigureAwait(false);
            throw;
        }

        phase.Finish();
        await TrySettleAsync().ConfigureAwait(false);
        return FirmwareImage.FromBytes(range.Start, bytes);
    }

    private static IEnumerable<AddressRange> Touched(FlashPlan plan) =>
        plan.EraseChip ? FlashRanges(plan.Target.Memory) : plan.Sectors.Select(x => x.Sector.Range);

    private static IEnumerable<AddressRange> FlashRanges(MemoryMap memory) => memory.Flash?.Runs.Select(x => x.Range) ?? [];

    // Reads on until a sector differs; returns where to go on: behind that sector, or at the end.
    private async ValueTask<long> CompareUntilDifferenceAsync(
        AddressRange range, HashSet<uint> changed, PhaseProgress phase, CancellationToken cancellationToken)
    {
        var plan = Plan!;
        var expected = new byte[plan.Target.BlockSize];
        if (plan.Target.Memory.FindSector(range.Start) is { } first && changed.Contains(first.Range.Start))
        {
            return Skip(range.Start, Math.Min(first.Range.End, range.End), phase);
        }

        await foreach (var block in target.ReadAsync(range, cancellationToken).ConfigureAwait(false))
        {
            var bytes = expected.AsSpan(0, block.Data.Length);
            plan.Image.TryRead(block.Address, bytes);
            var same = bytes.CommonPrefixLength(block.Data.Span);
            if (same == block.Data.Length)
            {
                _account.Mark(block.Range, RangeState.Verified);
                phase.Advance(block.Range.Last, block.Data.Length);
                continue;
            }

            var sector = plan.Target.Memory.FindSector((uint)(block.Address + same))!.Value;
            changed.Add(sector.Range.Start);
            return Skip(block.Address, Math.Min(sector.Range.End, range.End), phase);
        }

        return range.End;
    }

    private static long Skip(uint from, long to, PhaseProgress phase)
    {
        phase.Advance((uint)(to - 1), to - from);
        return to;
    }

    private async ValueTask RefuseUnlessAllowedAsync(DeviceRefusedException e, FlashOptions options, CancellationToken cancellationToken)
    {
        const string What = "the chip seems to be read-out protected: it does not let its flash be read";
        if (!options.Allow.HasFlag(FlashAllowances.Protected))
        {
            throw new PlanRefusedException(
                [
                    new Refusal(
                        RefusalKind.Protected,
                        What,
                        null,
                        "remove the protection, which erases the whole chip (dfu-util -s :unprotect:force, or STM32CubeProgrammer), or try all the same with --allow protected"),
                ],
                e);
        }

        _warnings.Add($"{What}: tried all the same");
        await target.SettleAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask TrySettleAsync()
    {
        try
        {
            await target.SettleAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (DefuseException e)
        {
            LogNotSettled(e);
            _warnings.Add($"the device was not left ready: {e.Message}; plug it in again");
        }
    }

    private PhaseProgress StartPhase(ProgrammingPhase phase, long totalBytes) => new(phase, totalBytes, target.Time, progress);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Range} can be read")]
    private partial void LogProbed(AddressRange range);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The program was not started")]
    private partial void LogNotStarted(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The device was not left ready")]
    private partial void LogNotSettled(Exception exception);

    /// <summary>Knows which block of a run is in flight: it is indeterminate until the device confirms it.</summary>
    private sealed class WriteObserver(PlanRun run, AddressRange range, PhaseProgress phase) : IProgress<AddressRange>
    {
        private long _next = range.Start;

        private AddressRange Block => AddressRange.FromBounds(_next, Math.Min(range.End, _next + run.Plan!.Target.BlockSize));

        public void BlockBegins()
        {
            if (_next < range.End)
            {
                run._changed = true;
                run._account.Mark(Block, RangeState.Indeterminate);
            }
        }

        public void BlockNeverBegan()
        {
            if (_next < range.End)
            {
                run._account.Mark(Block, RangeState.Blank);
            }
        }

        public void Report(AddressRange value)
        {
            run._account.Mark(value, RangeState.Written);
            run._bytesWritten += value.Length;
            _next = value.End;
            phase.Advance(value.Last, value.Length);
            BlockBegins();
        }
    }
}
