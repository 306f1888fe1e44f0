using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets;

namespace Defuse.Cli.Commands;

/// <summary>defuse info.</summary>
internal static class InfoCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var file = new Argument<string?>("FILE")
        {
            Description = $"The firmware: {FormatTable.Files}. Without it, the firmware that the board holds.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var board = CommonOptions.Board("Hold the file against this board, which need not be connected: its chip, its sectors, its bootloader. defuse boards lists them.");
        var chip = CommonOptions.Chip("Hold the file against this chip: a part number such as STM32F767ZI. defuse chips lists them.");
        var device = new Option<ConnectionAddress?>("--device", "-d")
        {
            Description = "Read this board: say what it holds or, with a file, what flashing the file would do to it. Nothing is changed.",
            HelpName = "ADDRESS",
            CustomParser = common.Device.CustomParser,
        };
        device.CompletionSources.Add(_ => SimulatedBoards.All.Select(x => $"sim:{x.Name}"));
        var address = CommonOptions.Address("Where a raw .bin belongs. Without it, where its own vectors and pointers say.");
        var allow = CommonOptions.Allow(CommonOptions.FileAllowances.AsSpan());
        var command = new DocumentedCommand("info", "Say what a firmware file is and what it fits, or what a board holds.")
        {
            Group = CommandGroup.Files,
            Arguments = { file },
            Options = { board, chip, device, address, allow, common.Trace, common.NoProgress, common.Json },
            Examples =
            [
                ("What it is, and for which chips", "defuse info micropython.dfu"),
                ("Whether it fits a board, and which sectors it takes", "defuse info firmware.hex --board nucleo-f767zi"),
                ("What is on a board", "defuse info --device sim:nucleo-f767zi"),
                ("For a script", "defuse info firmware.hex --json"),
            ],
        };
        command.Validators.Add(result =>
        {
            var against = new Option[] { board, chip, device }.Where(x => result.GetResult(x) is not null).ToList();
            if (against.Count > 1)
            {
                result.AddError($"Give one of {string.Join(", ", against.Select(x => x.Name))}.");
            }

            if (result.GetValue(file) is null && against.Exists(x => x != device))
            {
                result.AddError($"Say which file to hold against it; defuse {(against[0] == board ? "boards" : "chips")} shows what is known of it.");
            }
        });
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context,
            new Arguments
            {
                File = parse.GetValue(file),
                Known = parse.GetValue(board) ?? parse.GetValue(chip),
                Device = parse.GetValue(device),
                Address = parse.GetValue(address),
                Allow = parse.GetValue(allow).File,
            },
            cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, Arguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.File is not { } path)
        {
            return await TellDeviceAsync(context, arguments.Device, cancellationToken).ConfigureAwait(false);
        }

        context.File = path;

        // What is wrong with a file is something to tell, and no reason to tell nothing.
        var options = new FirmwareReadOptions { Allow = arguments.Allow | FileAllowances.Crc | FileAllowances.Eof | FileAllowances.Trailing, AllowText = arguments.Address is not null };
        var opened = await FirmwareLoader.OpenAsync(context, path, options, cancellationToken).ConfigureAwait(false);
        if (arguments.Address is { } start)
        {
            FirmwareLoader.RefuseAddress(opened, start);
            opened = opened with { File = opened.File.At(start) };
        }

        var facts = arguments.Device is { } device
            ? await HoldAgainstAsync(context, opened, device, cancellationToken).ConfigureAwait(false)
            : FileFacts.Of(opened, arguments.Known?.Target, bootloader: arguments.Known?.Bootloader);
        context.Printer.Json(FileLine.Of(facts), CliJsonContext.Lines.FileLine);
        if (!context.Printer.IsJson)
        {
            Print(context, FileText.Of(facts));
        }

        foreach (var warning in opened.Warnings)
        {
            context.Printer.Warning(warning);
        }

        return context.Done();
    }

    private static async Task<FileFacts> HoldAgainstAsync(
        CommandContext context, OpenedFile opened, ConnectionAddress device, CancellationToken cancellationToken)
    {
        var target = await Boards.OpenAsync(context, device, cancellationToken).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        Boards.RequireMemory(target);
        var description = target.Description;
        var facts = FileFacts.Of(opened, description);
        if (facts.Inspection.Sectors is null)
        {
            return facts;
        }

        var contents = await ReadAsync(context, target, Boards.MainFlash(description), cancellationToken).ConfigureAwait(false);
        return contents is null ? facts : FileFacts.Of(opened, description, contents);
    }

    private static async Task<ResultLine> TellDeviceAsync(CommandContext context, ConnectionAddress? device, CancellationToken cancellationToken)
    {
        var target = await Boards.OpenAsync(context, device, cancellationToken).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        var contents = target is IImageSink ? null : await ReadAsync(context, target, Boards.MainFlash(target.Description), cancellationToken).ConfigureAwait(false);
        var size = await new Programmer(target, context.Log).FindFlashSizeAsync(cancellationToken).ConfigureAwait(false);
        var facts = DeviceFacts.Of(target.Description, contents) with { FlashSize = size };
        context.Printer.Json(DeviceLine.Of(facts), CliJsonContext.Lines.DeviceLine);
        if (!context.Printer.IsJson)
        {
            Print(context, DeviceContentsText.Of(facts));
        }

        return context.Done();
    }

    private static void Print(CommandContext context, IEnumerable<string> lines)
    {
        const int Values = 13;
        foreach (var line in lines.SelectMany(x => context.Printer.DataIsForPeople ? Fields.Fold(x, Values, context.Environment.Width) : [x]))
        {
            context.Printer.Data(line);
        }
    }

    // Null, and told, if the device refuses to be read.
    private static async Task<FirmwareImage?> ReadAsync(
        CommandContext context, ITarget target, IReadOnlyList<AddressRange> ranges, CancellationToken cancellationToken)
    {
        try
        {
            return await ProgressDisplay.RunAsync(
                context,
                $"Read {Texts.Device(target.Description)}",
                progress => Boards.ReadAsync(new Programmer(target, context.Log), ranges, progress, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (DefuseException e) when (e is DeviceRefusedException or PlanRefusedException { Refusals: [{ Kind: RefusalKind.Protected }] })
        {
            context.Printer.Warning($"what the board holds could not be read: {e.Message}{(e.Remedy is null ? "" : $"; {e.Remedy}")}");
            return null;
        }
    }

    private sealed record Arguments
    {
        public string? File { get; init; }

        public KnownTarget? Known { get; init; }

        public ConnectionAddress? Device { get; init; }

        public uint? Address { get; init; }

        public FileAllowances Allow { get; init; }
    }
}
