using System.Collections.Immutable;
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
    private FirmwareImage? _otp;
    private bool _hasLeft;

    public FlashPlan? Plan { get; private set; }

    public void Begin(FlashPlan plan)
    {
        if (Plan is null)
        {
            _account.Open(Touched(plan));
        }

        Plan = _otp is { } otp ? OtpCheck.WithoutWritten(plan, otp) : plan;
        progress?.Report(new ProgrammingEvent.Planned(Plan));
    }

    /// <summary>Does the work and reports, whatever comes of it.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">The token that it looks at: only its cancellation is one.</param>
    public async ValueTask<FlashReport> ReportAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        _started = target.Time.GetTimestamp();
        DefuseException? error = null;
        FlashOutcome outcome;
        try
        {
            await work().ConfigureAwait(false);
            outcome = _account.Difference is not null ? FlashOutcome.Differs
                : _account.BytesVerified == Plan!.BytesToVerify && !(Plan.VerifyBlank && Plan.VerifyReads.IsEmpty) ? FlashOutcome.Verified
                : FlashOutcome.WrittenUnverified;
            error = _account.Difference is { } difference ? new VerificationException(difference, _changed, Plan!.Target.Protection.IsWriteProtected(new AddressRange(difference.Address, 1))) : null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = FlashOutcome.Cancelled;
        }
        catch (DefuseException e)
        {
            (outcome, error) = (_changed ? FlashOutcome.Incomplete : e is PlanRefusedException ? FlashOutcome.Refused : FlashOutcome.Failed, e);
        }
        catch
        {
            // A listener's mistake, or one of ours: it is the caller's to see, and the device is left ready all the same.
            await TrySettleAsync().ConfigureAwait(false);
            throw;
        }

        if (_start is null && !_hasLeft && error is not TransportException { Failure: TransportFailure.Disconnected })
        {
            await TrySettleAsync().ConfigureAwait(false);
        }

        if (Plan is not null)
        {
            _account.DistrustDifferentSectors(Plan.Target.Memory);
            if (error is DeviceRefusedException { EarlierAnswersAreInDoubt: true })
            {
                _account.DistrustAnswers();
            }
        }

        var retries = TakeRetries();

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
            Retries = retries,
            Warnings = [.. Plan?.Warnings.Where(x => !string.Equals(x, Plan.OtpWarning, StringComparison.Ordinal)) ?? [], .. _warnings],
        };
    }

    public async ValueTask EraseAsync(CancellationToken cancellationToken)
    {
        var plan = Plan!;
        ImmutableArray<AddressRange> chip = plan.EraseChip ? [.. ErasedAtOnce(plan.Target.Memory).Select(x => x.Range)] : [];
        var total = chip.Sum(x => x.Length) + plan.Erases.Sum(x => x.Range.Length);
        if (total == 0)
        {
            return;
        }

        var phase = StartPhase(ProgrammingPhase.Erase, total);
        if (!chip.IsEmpty)
        {
            await EraseAsync(chip, target.EraseAllAsync, cancellationToken).ConfigureAwait(false);
            _sectorsErased += ErasedAtOnce(plan.Target.Memory).Sum(x => x.Count);
            phase.Advance(chip[^1].Last, chip.Sum(x => x.Length));
        }

        foreach (var sector in plan.Erases)
        {
            await EraseAsync([sector.Range], x => target.EraseSectorAsync(sector.Range.Start, x), cancellationToken).ConfigureAwait(false);
            _sectorsErased++;
            phase.Advance(sector.Range.Last, sector.Range.Length);
        }

        phase.Finish();
    }

    /// <summary>Removes read-out protection, and leaves it to the verification whether flash is blank then.</summary>
    public async ValueTask UnprotectAsync(IProtection protection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ImmutableArray<AddressRange> flash = [.. ErasedAtOnce(Plan!.Target.Memory).Select(x => x.Range)];
        var phase = StartPhase(ProgrammingPhase.Unprotect, flash.Sum(x => x.Length));
        foreach (var range in flash)
        {
            _account.Mark(range, RangeState.Indeterminate);
        }

        try
        {
            _changed = true;
            await protection.RemoveReadOutProtectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DeviceRefusedException e) when (e.NothingWasDone)
        {
            _changed = false;
            foreach (var range in flash)
            {
                _account.Mark(range, RangeState.Untouched);
            }

            throw;
        }

        _sectorsErased = ErasedAtOnce(target.Description.Memory).Sum(x => x.Count);
        phase.Advance(flash[^1].Last, flash.Sum(x => x.Length));
        phase.Finish();
        Begin(FlashPlanner.Blank(target.Description));
        if (target.Description.Protection is { IsReadOutProtected: true } still)
        {
            throw new DeviceRefusedException(
                $"the chip came back and is read-out protected all the same: {still.Evidence}", remedy: "run the same command again; if it stays so, use a debug probe");
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
            catch (Exception e) when (WasNotBegun(e))
            {
                observer.BlockNeverBegan();
                throw;
            }
        }

        phase.Finish();
        var otp = plan.Writes.Where(x => plan.Target.Memory.KindAt(x.Range.Start) == MemoryKind.Otp).Sum(x => x.Range.Length);
        if (otp > 0)
        {
            _warnings.Add($"{otp} bytes were written to one-time programmable memory, for good: no bit of it ever goes back to 1");
        }
    }

    public async ValueTask VerifyAsync(CancellationToken cancellationToken)
    {
        var plan = Plan!;
        if (plan.VerifyReads.IsEmpty || (!plan.VerifyBlank && _account.BytesVerified == plan.Image.ByteCount))
        {
            // The comparison was the proof: nothing has changed since, so reading it all again would add nothing.
            return;
        }

        var phase = StartPhase(ProgrammingPhase.Verify, plan.VerifyReads.Sum(x => x.Length));
        var blank = new byte[plan.VerifyBlank ? plan.Target.BlockSize : 0];
        blank.AsSpan().Fill(plan.Target.ErasedByte);
        await SweepAsync(plan.VerifyReads).ConfigureAwait(false);
        phase.Finish();

        // What was compared before the first erase counts no longer where an erase may have reached it.
        if (_account.Difference is not null && NotRead(plan) is { IsEmpty: false } rest)
        {
            phase = StartPhase(ProgrammingPhase.Verify, rest.Sum(x => x.Length));
            await SweepAsync(rest).ConfigureAwait(false);
            phase.Finish();
        }

        async ValueTask SweepAsync(ImmutableArray<AddressRange> sweeps)
        {
            foreach (var sweep in sweeps)
            {
                await foreach (var block in target.ReadAsync(sweep, cancellationToken).ConfigureAwait(false))
                {
                    if (plan.VerifyBlank)
                    {
                        _account.Compare(new ImageSegment(block.Address, blank.AsMemory(0, block.Data.Length)), block.Data.Span);
                    }

                    foreach (var expected in plan.Image.Slice(block.Range).Segments)
                    {
                        _account.Compare(expected, block.Part(expected.Range));
                    }

                    phase.Advance(block.Range.Last, block.Data.Length);
                }
            }
        }
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
            _hasLeft = e is DeviceRefusedException { HasLeft: true } or TransportException { Failure: TransportFailure.Disconnected };
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

    private static ImmutableArray<AddressRange> NotRead(FlashPlan plan)
    {
        var rest = ImmutableArray.CreateBuilder<AddressRange>();
        foreach (var segment in plan.Image.Segments)
        {
            long start = segment.Range.Start;
            foreach (var read in AddressRange.Join(plan.VerifyReads).Where(x => x.End > segment.Range.Start && x.Start < segment.Range.End))
            {
                if (read.Start > start)
                {
                    rest.Add(AddressRange.FromBounds(start, read.Start));
                }

                start = read.End;
            }

            if (start < segment.Range.End)
            {
                rest.Add(AddressRange.FromBounds(start, segment.Range.End));
            }
        }

        return rest.ToImmutable();
    }

    private static IEnumerable<AddressRange> Touched(FlashPlan plan) =>
        (plan.EraseChip ? ErasedAtOnce(plan.Target.Memory).Select(x => x.Range) : []).Concat(plan.Sectors.Select(x => x.Sector.Range));

    // What the device calls read-only it keeps.
    private static IEnumerable<SectorRun> ErasedAtOnce(MemoryMap memory) =>
        memory.Flash?.Runs.Where(x => x.Access.HasFlag(SectorAccess.Erasable)) ?? [];

    // A target looks at its token before it begins, and some refusals come before the work.
    private static bool WasNotBegun(Exception e) => e is OperationCanceledException or DeviceRefusedException { NothingWasDone: true };

    private async ValueTask EraseAsync(
        ImmutableArray<AddressRange> ranges, Func<CancellationToken, ValueTask> erase, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ImmutableArray<ReportedRange> before = [.. ranges.SelectMany(x => _account.Remember(x))];
        var changedBefore = _changed;
        foreach (var range in ranges)
        {
            _account.Mark(range, RangeState.Indeterminate);
        }

        try
        {
            _changed = true;
            await erase(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (WasNotBegun(e))
        {
            _changed = changedBefore;
            _account.Restore(before);
            throw;
        }

        foreach (var range in ranges)
        {
            _account.Mark(range, RangeState.Blank);
        }
    }

    private int TakeRetries()
    {
        var repeats = target as ITransferRepeats;
        var count = repeats?.Take() ?? 0;
        if (count > 0)
        {
            var what = count == 1 ? "1 transfer" : $"{count} transfers";
            _warnings.Add($"{what} had to be repeated{(repeats!.Advice is { } advice ? $"; {advice}" : "")}");
        }

        return count;
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The program was not started")]
    private partial void LogNotStarted(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The device was not left ready")]
    private partial void LogNotSettled(Exception exception);

    /// <summary>Knows which block of a run is in flight: it is indeterminate until the device confirms it.</summary>
    private sealed class WriteObserver(PlanRun run, AddressRange range, PhaseProgress phase) : IProgress<AddressRange>
    {
        private long _next = range.Start;
        private ImmutableArray<ReportedRange> _before = [];
        private bool _changedBefore;

        private AddressRange Block => AddressRange.FromBounds(_next, Math.Min(range.End, _next + run.Plan!.Target.BlockSize));

        public void BlockBegins()
        {
            if (_next < range.End)
            {
                _changedBefore = run._changed;
                run._changed = true;
                _before = run._account.Remember(Block);
                run._account.Mark(Block, RangeState.Indeterminate);
            }
        }

        public void BlockNeverBegan()
        {
            if (_next < range.End)
            {
                run._changed = _changedBefore;
                run._account.Restore(_before);
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
