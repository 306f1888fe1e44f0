using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Microsoft.Extensions.Logging;

namespace Defuse.Programming;

// What is looked at, saved and refused before anything is changed.
internal sealed partial class PlanRun
{
    /// <summary>Finds the sectors that differ; leaves each at its first difference.</summary>
    /// <returns>Every sector, if memory cannot be read and the options allow to go on.</returns>
    public async ValueTask<MemorySurvey> SurveyAsync(FlashOptions options, CancellationToken cancellationToken)
    {
        var plan = Plan!;
        var phase = StartPhase(ProgrammingPhase.Compare, plan.SurveyReads.Sum(x => x.Length));
        var comparison = new SectorComparison(target, plan, _account, phase);
        try
        {
            await comparison.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DeviceRefusedException e) when (e.IndicatesReadOutProtection)
        {
            await RefuseUnlessAllowedAsync(e, options, cancellationToken).ConfigureAwait(false);
            return new MemorySurvey(plan.Sectors.Select(x => x.Sector.Range.Start));
        }

        phase.Finish();
        return comparison.Survey;
    }

    /// <summary>Looks whether memory can be read at all, where nothing else does before the first erase.</summary>
    public async ValueTask ProbeAsync(FlashOptions options, CancellationToken cancellationToken)
    {
        if (!Plan!.Target.IsReadable || Plan.Sectors.IsEmpty)
        {
            return;
        }

        var first = Plan.Sectors[0].Sector.Range;
        var range = new AddressRange(first.Start, Math.Min(first.Length, Plan.Target.BlockSize));
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

    /// <summary>Reads what will be erased, where it is to be saved or kept, and has it saved.</summary>
    /// <returns>The bytes to keep; null if there are none.</returns>
    public async ValueTask<FirmwareImage?> SaveAsync(FlashOptions options, CancellationToken cancellationToken)
    {
        var plan = Plan!;
        var ranges = plan.Backups.IsEmpty ? plan.Keeps : plan.Backups;
        if (ranges.IsEmpty)
        {
            return null;
        }

        var phase = StartPhase(ProgrammingPhase.Read, ranges.Sum(x => x.Length));
        var builder = new FirmwareImageBuilder();
        foreach (var range in ranges)
        {
            await foreach (var block in target.ReadAsync(range, cancellationToken).ConfigureAwait(false))
            {
                builder.Add(block.Address, block.Data.Span);
                phase.Advance(block.Range.Last, block.Data.Length);
            }
        }

        phase.Finish();
        var image = builder.Build();
        if (!plan.Backups.IsEmpty)
        {
            try
            {
                await options.Backup!(image, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new PlanRefusedException(
                    [new Refusal(RefusalKind.Backup, $"the backup could not be written: {e.Message.TrimEnd('.')}", null, "choose another place for it")], e);
            }
        }

        var kept = new FirmwareImageBuilder();
        foreach (var range in plan.Keeps)
        {
            kept.Add(image.Slice(range));
        }

        return plan.Keeps.IsEmpty ? null : kept.Build();
    }

    /// <summary>Refuses what one-time programmable memory could not take, and leaves out what it holds already.</summary>
    public async ValueTask CheckOtpAsync(CancellationToken cancellationToken)
    {
        var plan = Plan!;
        var holds = new FirmwareImageBuilder();
        foreach (var run in plan.Writes.Where(x => plan.Target.Memory.KindAt(x.Range.Start) == MemoryKind.Otp))
        {
            if (!plan.Target.IsReadable)
            {
                throw new PlanRefusedException([new Refusal(RefusalKind.Protected, "one-time programmable memory that cannot be read is not written", run.Range, "use another connection")]);
            }

            var found = new byte[run.Range.Length];
            await foreach (var block in target.ReadAsync(run.Range, cancellationToken).ConfigureAwait(false))
            {
                block.Data.CopyTo(found.AsMemory((int)(block.Address - run.Range.Start)));
            }

            if (OtpCheck.Check(run, found, plan.Target.WriteUnit) is { } refusal)
            {
                throw new PlanRefusedException([refusal]);
            }

            holds.Add(run.Range.Start, found);
        }

        if (holds.Build() is { ByteCount: > 0 } otp)
        {
            _otp = otp;
            Begin(plan);
        }
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
                        "defuse unprotect removes the protection and wipes the chip; or try all the same with --allow protected"),
                ],
                e);
        }

        _warnings.Add($"{What}: tried all the same");
        await target.SettleAsync(cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Range} can be read")]
    private partial void LogProbed(AddressRange range);
}
