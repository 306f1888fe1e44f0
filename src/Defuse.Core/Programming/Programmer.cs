using System.Buffers.Binary;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Targets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Defuse.Programming;

/// <summary>Runs plans on a device.</summary>
/// <remarks>
/// One piece of work at a time. Does not own the target. On an <see cref="IImageSink"/> there is only flashing; all else is a
/// <see cref="PlanRefusedException"/>.
/// </remarks>
public sealed class Programmer
{
    private readonly ITarget _target;
    private readonly ILogger _logger;

    /// <param name="target">The device.</param>
    /// <param name="logger">Takes what is of interest when something goes wrong.</param>
    public Programmer(ITarget target, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        _target = target;
        _logger = logger ?? NullLogger.Instance;
    }

    /// <summary>Puts an image into memory: compares, erases, writes, reads back, starts.</summary>
    /// <param name="image">What memory is to hold.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Takes the events, in order; called on the flow that does the work.</param>
    /// <param name="cancellationToken">Stops after the block or the sector in flight; the device is left ready.</param>
    /// <returns>The report, whatever happened: errors of the device, of the transport and cancellation are in it.</returns>
    public ValueTask<FlashReport> FlashAsync(
        FirmwareImage image, FlashOptions options, IProgress<ProgrammingEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(options);
        if (_target is IImageSink sink)
        {
            return new SinkRun(sink, progress).FlashAsync(image, options, cancellationToken);
        }

        var run = new PlanRun(Memory(), progress, _logger);
        return run.ReportAsync(
            async () =>
            {
                MemorySurvey? survey = null;
                run.Begin(FlashPlanner.Plan(image, _target.Description, options));
                if (run.Plan!.SurveyReads.IsEmpty)
                {
                    await run.ProbeAsync(options, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    survey = await run.SurveyAsync(options, cancellationToken).ConfigureAwait(false);
                    run.Begin(FlashPlanner.Plan(image, _target.Description, options, survey));
                }

                await run.CheckOtpAsync(cancellationToken).ConfigureAwait(false);
                if (await run.SaveAsync(options, cancellationToken).ConfigureAwait(false) is { } kept)
                {
                    run.Begin(FlashPlanner.Plan(image, _target.Description, options, survey, kept));
                }

                await run.EraseAsync(cancellationToken).ConfigureAwait(false);
                await run.WriteAsync(cancellationToken).ConfigureAwait(false);
                await run.VerifyAsync(cancellationToken).ConfigureAwait(false);
                await run.StartAsync(cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <summary>Compares memory with an image; changes nothing.</summary>
    /// <param name="image">What memory should hold.</param>
    /// <param name="options">Only the allowances matter.</param>
    /// <param name="progress">Takes the events, in order; called on the flow that does the work.</param>
    /// <param name="cancellationToken">Stops after the block in flight.</param>
    /// <returns>The report, whatever happened.</returns>
    public ValueTask<FlashReport> VerifyAsync(
        FirmwareImage image, FlashOptions options, IProgress<ProgrammingEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(options);
        var run = new PlanRun(Memory(), progress, _logger);
        return run.ReportAsync(
            async () =>
            {
                run.Begin(FlashPlanner.PlanVerification(image, _target.Description, options));
                try
                {
                    await run.VerifyAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (DeviceRefusedException e) when (e.IndicatesReadOutProtection)
                {
                    throw new PlanRefusedException([ProtectionCheck.ReadingWasRefused()], e);
                }
            },
            cancellationToken);
    }

    /// <summary>Erases sectors, and reads back that they are blank.</summary>
    /// <param name="range">Every sector that it touches is erased; null for the whole main flash at once.</param>
    /// <param name="options">Only the allowances, and whether to verify, matter.</param>
    /// <param name="progress">Takes the events, in order; called on the flow that does the work.</param>
    /// <param name="cancellationToken">Stops after the sector in flight.</param>
    /// <returns>The report, whatever happened.</returns>
    public ValueTask<FlashReport> EraseAsync(
        AddressRange? range, FlashOptions options, IProgress<ProgrammingEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var run = new PlanRun(Memory(), progress, _logger);
        return run.ReportAsync(
            async () =>
            {
                run.Begin(FlashPlanner.PlanErase(range, _target.Description, options));
                await run.ProbeAsync(options, cancellationToken).ConfigureAwait(false);
                await run.SaveAsync(options, cancellationToken).ConfigureAwait(false);
                await run.EraseAsync(cancellationToken).ConfigureAwait(false);
                await run.VerifyAsync(cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <summary>Removes read-out protection, which erases everything, and reads back that flash is blank.</summary>
    /// <remarks>Write protection and all other option bytes stay as they are. Level 2 cannot be removed.</remarks>
    /// <param name="progress">Takes the events, in order; called on the flow that does the work.</param>
    /// <param name="cancellationToken">Stops before the command is sent, and between blocks that are read back.</param>
    /// <returns>The report, whatever happened; refused if the chip is known not to be protected.</returns>
    public ValueTask<FlashReport> UnprotectAsync(IProgress<ProgrammingEvent>? progress, CancellationToken cancellationToken)
    {
        var run = new PlanRun(Memory(), progress, _logger);
        return run.ReportAsync(
            async () =>
            {
                var plan = FlashPlanner.PlanUnprotection(_target.Description);
                var protection = await RequireUnprotectionAsync(cancellationToken).ConfigureAwait(false);
                run.Begin(plan);
                await run.UnprotectAsync(protection, cancellationToken).ConfigureAwait(false);
                await run.VerifyAsync(cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <summary>Asks whether the device can remove its read-out protection at all; changes nothing.</summary>
    /// <param name="cancellationToken">Stops before it is begun.</param>
    /// <exception cref="PlanRefusedException">It says that it cannot.</exception>
    /// <exception cref="TransportException">The device can no longer be reached.</exception>
    public async ValueTask CheckUnprotectionAsync(CancellationToken cancellationToken)
    {
        Memory();
        await RequireUnprotectionAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads memory.</summary>
    /// <param name="range">What to read; it may span sectors, not gaps between memories.</param>
    /// <param name="progress">Takes the events, in order; called on the flow that does the work.</param>
    /// <param name="cancellationToken">Stops after the block in flight; the device is left ready.</param>
    /// <exception cref="PlanRefusedException">The device has no memory that can be worked on, part of the range is not in any memory of the device, or the chip is read-out protected.</exception>
    /// <exception cref="DefuseException">The device refused, or could not be reached.</exception>
    public async ValueTask<FirmwareImage> ReadAsync(
        AddressRange range, IProgress<ProgrammingEvent>? progress, CancellationToken cancellationToken)
    {
        var run = new PlanRun(Memory(), progress, _logger);
        if (_target.Description.Memory.Outside(range).Select(x => (AddressRange?)x).FirstOrDefault() is { } outside)
        {
            throw new PlanRefusedException([new Refusal(RefusalKind.Outside, $"{outside} is in no memory of this device", outside, "ask for a range inside its memories; defuse info --device shows them")]);
        }

        // Option bytes a protected chip shows all the same.
        if (_target.Description.Memory.SectorsIn(range).Any(_target.Description.Memory.IsFlash) && ProtectionCheck.Reading(_target.Description) is { } closed)
        {
            throw new PlanRefusedException([closed]);
        }

        if (range.Length > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(range), "The range is too long to be held in memory.");
        }

        try
        {
            return await run.ReadAsync(range, cancellationToken).ConfigureAwait(false);
        }
        catch (DeviceRefusedException e) when (e.IndicatesReadOutProtection)
        {
            throw new PlanRefusedException([ProtectionCheck.ReadingWasRefused()], e);
        }
    }

    /// <summary>Asks the device for its flash size, where a register of the chip holds it and may be read.</summary>
    /// <param name="cancellationToken">Stops before it is begun.</param>
    /// <returns>What the register says; else <see cref="TargetDescription.FlashSize"/>, which may be a guess.</returns>
    /// <exception cref="TransportException">The device can no longer be reached.</exception>
    public async ValueTask<FlashSize?> FindFlashSizeAsync(CancellationToken cancellationToken)
    {
        var description = _target.Description;
        var told = description.FlashSize;
        var registers = description.Candidates.Select(x => x.Chip.FlashSizeRegister).Distinct().ToList();
        if (_target is not IMemoryTarget { Description.IsReadable: true } memory
            || told is not { IsGuess: true }
            || registers is not [{ } register]
            || description.Protection.IsReadOutProtected)
        {
            return told;
        }

        // A word at a time is what any bootloader reads.
        var word = new AddressRange(register & ~3u, 4);
        try
        {
            await foreach (var block in memory.ReadAsync(word, cancellationToken).ConfigureAwait(false))
            {
                if (block.Data.Length == word.Length)
                {
                    told = FlashSize.OfRegister(BinaryPrimitives.ReadUInt16LittleEndian(block.Data.Span[(int)(register - word.Start)..]), description.Candidates) ?? told;
                }
            }
        }
        catch (DefuseException e) when (e is not TransportException { Failure: TransportFailure.Disconnected })
        {
            told = told with { Evidence = $"{told.Evidence}; its flash-size register cannot be read over this connection" };
        }

        await memory.SettleAsync(cancellationToken).ConfigureAwait(false);
        return told;
    }

    /// <summary>Has the device leave its bootloader and run the program whose vector table is at an address.</summary>
    /// <param name="address">The vector table; null for the start of the main flash.</param>
    /// <param name="cancellationToken">Stops before it is begun.</param>
    /// <exception cref="DefuseException">The device stayed in its bootloader, or could not be reached.</exception>
    public ValueTask<StartOutcome> StartAsync(uint? address, CancellationToken cancellationToken) =>
        Memory().StartAsync(address ?? _target.Description.Memory.Flash?.Start ?? 0x08000000, cancellationToken);

    private async ValueTask<IProtection> RequireUnprotectionAsync(CancellationToken cancellationToken)
    {
        var protection = _target as IProtection ?? throw new PlanRefusedException([new Refusal(
            RefusalKind.Memory, "nothing can be done about protection over this connection", null, "use another connection")]);
        return await protection.OffersRemovalAsync(cancellationToken).ConfigureAwait(false) ? protection : throw new PlanRefusedException([new Refusal(
            RefusalKind.Memory, "read-out protection cannot be removed here: this bootloader does not offer it", null, "use a debug probe, if the chip is protected")]);
    }

    private IMemoryTarget Memory() => _target as IMemoryTarget ?? throw new PlanRefusedException(
        [new Refusal(RefusalKind.Memory, "this device takes one whole image, and lets nobody at its memory", null, "flash it: nothing else can be done with it")]);
}
