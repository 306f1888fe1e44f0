using System.Collections.Immutable;
using System.Globalization;
using Defuse.Cli.Live;
using Defuse.Connections;
using Defuse.Devices;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets;

namespace Defuse.Cli.DfuUtil;

/// <summary>What is done with the device once it is open.</summary>
/// <param name="console">Where to print.</param>
/// <param name="target">The device.</param>
/// <param name="device">The same, as it was found.</param>
/// <param name="memory">Its alternate setting that is meant; null if it was found running its program.</param>
/// <param name="options">The command line.</param>
internal sealed class DfuUtilSession(DfuUtilConsole console, ITarget target, DfuListing device, DfuMemoryName? memory, DfuUtilOptions options)
{
    private static readonly FlashOptions Download = new()
    {
        // The caller says where the bytes go; that they look like those of another chip is no reason to refuse.
        Allow = FlashAllowances.Chip,
        Start = false,
    };

    private readonly Programmer _programmer = new(target);
    private volatile KnownState? _known;
    private readonly DfuSeModifiers _modifiers = options.DfuSe is { } text ? DfuSeModifiers.Parse(text) : new DfuSeModifiers();

    private TargetDescription Description => target.Description;

    private string AlternateName => memory?.Name ?? "";

    private byte AlternateNumber => memory?.Number ?? options.AlternateNumber switch
    {
        null or < 0 => 0,
        <= byte.MaxValue and var number => (byte)number,
        _ => throw new DfuUtilException(SysExit.InputOutput, $"the device has no alternate setting {options.Alternate}"),
    };

    /// <summary>What an end in the middle of the work leaves the memory as; null if it is as it was, or as it should be.</summary>
    public string? HalfDone
    {
        get
        {
            if (_known is not { } known)
            {
                return null;
            }

            var parts = new[]
            {
                Told(known.In(RangeState.Indeterminate), "may hold anything"),
                Told(known.In(RangeState.Blank), "erased"),
                Told(known.In(RangeState.Written), "written, not read back"),
            };
            var told = string.Join("; ", parts.Where(x => x is not null));
            return told.Length == 0 ? null : told;

            static string? Told(ImmutableArray<AddressRange> ranges, string state) => ranges.IsEmpty ? null : $"{string.Join(" and ", ranges)} {state}";
        }
    }

    /// <exception cref="DfuUtilException">It was not done.</exception>
    /// <exception cref="DefuseException">The device failed, or refused.</exception>
    public async Task RunAsync(FirmwareBytes? file, CancellationToken cancellationToken)
    {
        switch (options.Mode)
        {
            case DfuUtilMode.Detach:
                if (!device.RunsProgram)
                {
                    console.Error("can't detach: the device is in DFU mode already");
                }

                return;
            case DfuUtilMode.Upload:
                await new DfuUtilUpload(console, target, AlternateNumber, AlternateName, _modifiers).RunAsync(options.File, cancellationToken).ConfigureAwait(false);
                await LeaveAsync(_modifiers.Address, cancellationToken).ConfigureAwait(false);
                return;
            case DfuUtilMode.Download:
                RequireMatch(file!);
                await (target is IImageSink ? SendAsync(file!, cancellationToken) : DownloadAsync(file!, cancellationToken)).ConfigureAwait(false);
                return;
            default:
                await CommandAsync(cancellationToken).ConfigureAwait(false);
                return;
        }
    }

    /// <summary>What went wrong, in the library's words, with the exit code that dfu-util has for such.</summary>
    public static DfuUtilException Failed(DefuseException e) => new(
        e is FirmwareFormatException or ImageConflictException ? SysExit.DataError : SysExit.InputOutput,
        e.Message,
        e.Remedy is { } remedy && remedy.Contains("--", StringComparison.Ordinal) ? $"{remedy} (options of defuse flash)" : e.Remedy);

    private void RequireMatch(FirmwareBytes file)
    {
        var isNamed = options.Ids.Names(file.VendorId, file.ProductId);
        var isIts = (file.VendorId ?? device.VendorId, file.ProductId ?? device.ProductId) == (device.VendorId, device.ProductId);
        if (!isNamed && !isIts)
        {
            throw new DfuUtilException(SysExit.Usage, string.Create(
                CultureInfo.InvariantCulture,
                $"Error: File ID {file.VendorId ?? 0xFFFF:x4}:{file.ProductId ?? 0xFFFF:x4} does not match device ({device.VendorId:x4}:{device.ProductId:x4})"));
        }
    }

    private async Task DownloadAsync(FirmwareBytes file, CancellationToken cancellationToken)
    {
        TellMemory();
        if (_modifiers.Unprotect)
        {
            await UnprotectAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        RequireForceForMassErase();
        if (_modifiers.Address is { } address)
        {
            var image = Raw(file, address);
            await FlashAsync(image, cancellationToken).ConfigureAwait(false);
            console.Line("File downloaded successfully");
            await LeaveAsync(address, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (!file.IsDfuSe)
        {
            throw new DfuUtilException(
                SysExit.Usage, "Only DfuSe file version 1.1a is supported", "(for raw binary download, use the --dfuse-address option)");
        }

        var elements = Elements(FirmwareFile.Parse(file.All));
        await FlashAsync(elements, cancellationToken).ConfigureAwait(false);
        console.Line("Done parsing DfuSe file");
        await LeaveAsync(elements.Segments[0].Range.Start, cancellationToken).ConfigureAwait(false);
    }

    private void TellMemory()
    {
        if (AlternateName is ['@', ..] name)
        {
            console.Line($"DfuSe interface name: \"{name[1..].Split('/')[0]}\"");
        }

        if (options.Verbosity == 0)
        {
            return;
        }

        foreach (var run in Region()?.Runs ?? [])
        {
            var access = (run.Access.HasFlag(SectorAccess.Readable) ? "r" : "")
                + (run.Access.HasFlag(SectorAccess.Erasable) ? "e" : "")
                + (run.Access.HasFlag(SectorAccess.Writable) ? "w" : "");
            console.Line(string.Create(
                CultureInfo.InvariantCulture, $"Memory segment at 0x{run.Range.Start:x8} {run.Count,3} x {run.SectorSize,4} = {run.Range.Length,5} ({access})"));
        }
    }

    private MemoryRegion? Region() => Description.Memory.Regions.FirstOrDefault(x => x.AlternateSetting == AlternateNumber);

    private void RequireForceForMassErase()
    {
        if (_modifiers is { MassErase: true, Force: false })
        {
            throw new DfuUtilException(SysExit.Usage, "The mass erase command can only be used with force");
        }

        if (_modifiers.MassErase)
        {
            console.Line("Performing mass erase, this can take a moment");
        }
    }

    private FirmwareImage Raw(FirmwareBytes file, uint address)
    {
        if (file.IsDfuSe || file.LooksLikeDfuSe)
        {
            throw new DfuUtilException(SysExit.Usage, "This is a DfuSe file, not meant for raw download");
        }

        var bytes = file.Payload;
        console.Line(string.Create(CultureInfo.InvariantCulture, $"Downloading element to address = 0x{address:x8}, size = {bytes.Length}"));
        if (file.Doubt is { } doubt)
        {
            console.Error($"Warning: the file is {doubt}, and its bytes are written as they are; defuse flash takes the firmware out of such files");
        }

        RequireWritable(address, bytes.Length);
        return FirmwareImage.FromBytes(address, bytes.Span);
    }

    private void RequireWritable(uint address, long length)
    {
        var last = address + length - 1;
        if (length == 0 || !IsWritable(last))
        {
            throw new DfuUtilException(SysExit.Usage, string.Create(CultureInfo.InvariantCulture, $"Last page at 0x{last & uint.MaxValue:x8} is not writeable"));
        }

        for (long at = address; at <= last;)
        {
            if (!IsWritable(at))
            {
                throw new DfuUtilException(SysExit.Usage, string.Create(CultureInfo.InvariantCulture, $"Page at 0x{at:x8} is not writeable"));
            }

            at = Region()!.FindSector((uint)at)!.Value.Range.End;
        }
    }

    private bool IsWritable(long address) =>
        address <= uint.MaxValue && Region()?.FindSector((uint)address) is { } sector && sector.Access.HasFlag(SectorAccess.Writable);

    // The elements of the alternate setting that -a names; without -a, those of all that the device has.
    private FirmwareImage Elements(FirmwareFile file)
    {
        var image = new FirmwareImageBuilder();
        console.Line(string.Create(CultureInfo.InvariantCulture, $"File contains {file.Targets.Length} DFU images"));
        for (var i = 0; i < file.Targets.Length; i++)
        {
            const int HeaderSize = 8;
            var part = file.Targets[i];
            var size = part.Elements.Sum(x => x.Length + HeaderSize);
            console.Line(string.Create(CultureInfo.InvariantCulture, $"Parsing DFU image {i + 1}"));
            console.Line(part.Name is { } name ? $"Target name: {name}" : "No target name");
            console.Line(string.Create(
                CultureInfo.InvariantCulture, $"Image for alternate setting {part.AlternateSetting}, ({part.Elements.Length} elements, total size = {size})"));
            var isMeant = ChosenAlternate() is { } chosen ? part.AlternateSetting == chosen : device.Memories.Any(x => x.Number == part.AlternateSetting);
            if (!isMeant)
            {
                console.Error(string.Create(CultureInfo.InvariantCulture, $"No alternate setting {part.AlternateSetting} (skipping elements)"));
            }

            for (var j = 0; j < part.Elements.Length; j++)
            {
                var element = part.Elements[j];
                console.Line(string.Create(CultureInfo.InvariantCulture, $"Parsing element {j + 1}, address = 0x{element.Start:x8}, size = {element.Length}"));
                if (isMeant)
                {
                    image.Add(file.Image.Slice(element));
                }
            }
        }

        var built = image.Build();
        return built.IsEmpty
            ? throw new DfuUtilException(SysExit.InputOutput, "nothing in the file is for that alternate setting: nothing was written", "leave -a out, and the file says itself where it goes")
            : built;
    }

    // Null for any; a number that no alternate setting has, if there is none of that name.
    private long? ChosenAlternate() =>
        options.Alternate is null || options.AlternateNumber is < 0 ? null
        : options.AlternateNumber ?? device.Memories.FirstOrDefault(x => string.Equals(x.Name, options.Alternate, StringComparison.Ordinal))?.Number ?? long.MaxValue;

    // What it leaves the memory as is told only if it does not come to its end.
    private async Task<FlashReport> ProgramAsync(IProgress<ProgrammingEvent>? shown, Func<IProgress<ProgrammingEvent>, ValueTask<FlashReport>> work)
    {
        var known = new KnownState();
        _known = known;
        var report = await work(new ProgressDisplay.All(known, shown)).ConfigureAwait(false);
        report.EnsureSuccess();
        _known = null;
        return report;
    }

    private async Task FlashAsync(FirmwareImage image, CancellationToken cancellationToken)
    {
        var progress = new FlashProgress(console, image.ByteCount);
        var report = await ProgramAsync(
            progress, told => _programmer.FlashAsync(image, Download with { EraseChip = _modifiers.MassErase }, told, cancellationToken)).ConfigureAwait(false);
        progress.Finish();
        TellWarnings(report);
        if (report.Outcome != FlashOutcome.Verified)
        {
            console.Error("the device does not let its memory be read: what was written could not be verified");
        }
    }

    // Devices without DfuSe's extension take the file as it is.
    private async Task SendAsync(FirmwareBytes file, CancellationToken cancellationToken)
    {
        if (options.DfuSe is not null || file.IsDfuSe)
        {
            throw new DfuUtilException(
                SysExit.InputOutput,
                $"Failed to parse memory layout for alternate interface {AlternateNumber}",
                "this device is no DfuSe device, it takes one whole image: leave -s out, and take the raw file");
        }

        console.Line("Copying data from PC to DFU device");
        var image = file.Payload.IsEmpty ? FirmwareImage.Empty : FirmwareImage.FromBytes(0, file.Payload.Span);
        var bar = new ProgressBar(console, "Download", file.Payload.Length);
        var report = await ProgramAsync(
            new PhaseBar(bar, ProgrammingPhase.Write),
            told => _programmer.FlashAsync(image, Download with { AlternateSetting = AlternateNumber }, told, cancellationToken)).ConfigureAwait(false);
        bar.Finish();
        console.Line("Done!");
        TellWarnings(report);
    }

    private void TellWarnings(FlashReport report)
    {
        foreach (var warning in options.Verbosity > 0 ? report.Warnings : [])
        {
            console.Error($"Warning: {warning}");
        }
    }

    private async Task CommandAsync(CancellationToken cancellationToken)
    {
        if (target is IImageSink)
        {
            throw new DfuUtilException(
                SysExit.InputOutput, $"Failed to parse memory layout for alternate interface {AlternateNumber}", "this device is no DfuSe device: there are no commands for it");
        }

        TellMemory();
        if (_modifiers.Unprotect)
        {
            await UnprotectAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        RequireForceForMassErase();
        if (_modifiers.MassErase)
        {
            TellWarnings(await ProgramAsync(null, told => _programmer.EraseAsync(null, Download, told, cancellationToken)).ConfigureAwait(false));
        }

        console.Line("DfuSe command mode");
        await LeaveAsync(_modifiers.Address, cancellationToken).ConfigureAwait(false);
    }

    // A chip that is not protected has nothing to remove, and its flash is erased all the same, as the command would do.
    private async Task UnprotectAsync(CancellationToken cancellationToken)
    {
        if (!_modifiers.Force)
        {
            throw new DfuUtilException(SysExit.Usage, "The read unprotect command will erase the flash memory and can only be used with force");
        }

        console.Line("Device disconnects, erases flash and resets now");
        TellWarnings(await ProgramAsync(null, told => Description.Protection.ReadOut == ReadOutProtection.None
            ? _programmer.EraseAsync(null, Download, told, cancellationToken)
            : _programmer.UnprotectAsync(told, cancellationToken)).ConfigureAwait(false));
    }

    // What was written is proven by now: a board that stays in its bootloader is told of, and is no failed flash.
    private async Task LeaveAsync(uint? address, CancellationToken cancellationToken)
    {
        if (!_modifiers.Leave)
        {
            return;
        }

        console.Line("Submitting leave request...");
        try
        {
            if (await _programmer.StartAsync(address, cancellationToken).ConfigureAwait(false) == StartOutcome.Left)
            {
                console.Line("Transitioning to dfuMANIFEST state");
            }
        }
        catch (DeviceRefusedException e)
        {
            console.Line(" failed!");
            console.Error($"the program was not started: {e.Message}");
            console.Error(e.Remedy ?? "take BOOT0 low and power the board off and on");
        }
    }
}
