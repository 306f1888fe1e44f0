using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Formats;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets;

namespace Defuse.Cli.Commands;

/// <summary>defuse flash.</summary>
internal static class FlashCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var file = CommonOptions.File();
        var dryRun = new Option<bool>("--dry-run") { Description = "Open the board, print what would be done, and change nothing." };
        var address = CommonOptions.Address("Where a raw .bin goes. Without it, to the start of flash, if the file begins with a vector table for there.");
        var alternate = new Option<byte?>("--alt") { Description = "Of a plain DFU device with several alternate settings, the one to send the image to.", HelpName = "NUMBER" };
        var erase = new Option<string?>("--erase") { Description = "chip: erase the whole main flash at once, instead of the sectors that change.", HelpName = "chip" };
        erase.AcceptOnlyFromAmong("chip");
        var noCompare = new Option<bool>("--no-compare") { Description = "Rewrite every sector, without looking first which ones differ." };
        var noVerify = new Option<bool>("--no-verify") { Description = "Do not read back what was written; the exit code is 8 then." };
        var noStart = new Option<bool>("--no-start") { Description = "Stay in the bootloader, instead of starting the program." };
        var allow = CommonOptions.Allow(["chip", "outside", "protected", .. CommonOptions.FileAllowances]);
        var wait = new Option<bool>("--wait", "-w") { Description = "Wait for the board, if it is not there yet." };
        var fresh = new Option<bool>("--fresh") { Description = "Blank a simulated board first." };
        var command = new DocumentedCommand("flash", "Write a firmware file to a board, read it back, and start it.")
        {
            Group = CommandGroup.Boards,
            Arguments = { file },
            Options = { common.Device, dryRun, address, alternate, erase, noCompare, noVerify, noStart, allow, wait, fresh, common.Trace, common.NoProgress, common.Json },
            Examples =
            [
                ("The only board that is connected", "defuse flash micropython.dfu"),
                ("A simulated board", "defuse flash micropython.dfu --device sim:nucleo-f767zi"),
                ("What would be done", "defuse flash firmware.hex --dry-run"),
                ("Raw bytes behind a bootloader", "defuse flash app.bin --address 0x08020000"),
                ("Straight from a web server", "curl -L https://example.org/firmware.dfu | defuse flash -"),
                ("A file for another chip, whose CRC is wrong", "defuse flash old.dfu --allow chip,crc"),
            ],
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(dryRun) && result.GetValue(fresh))
            {
                result.AddError("Give either --dry-run, which changes nothing, or --fresh, which blanks the board.");
            }
        });
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context,
            new Arguments
            {
                File = parse.GetRequiredValue(file),
                Device = parse.GetValue(common.Device),
                DryRun = parse.GetValue(dryRun),
                Address = parse.GetValue(address),
                Wait = parse.GetValue(wait),
                Fresh = parse.GetValue(fresh),
                Allow = parse.GetValue(allow).File,
                Options = new FlashOptions
                {
                    Allow = parse.GetValue(allow).Flash,
                    Compare = !parse.GetValue(noCompare),
                    Verify = !parse.GetValue(noVerify),
                    Start = !parse.GetValue(noStart),
                    EraseChip = parse.GetValue(erase) is not null,
                    AlternateSetting = parse.GetValue(alternate),
                },
            },
            cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, Arguments arguments, CancellationToken cancellationToken)
    {
        var file = await FirmwareLoader.LoadAsync(context, arguments.File, arguments.Allow, arguments.Address, cancellationToken).ConfigureAwait(false);
        var options = arguments.Options with { MadeFor = FirmwareLoader.MadeFor(file) };
        var target = await Boards.OpenAsync(context, arguments.Device, cancellationToken, arguments.Wait, arguments.Fresh).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        RefuseMismatch(target, arguments);
        var image = target is IImageSink ? file.Image : FirmwareLoader.Place(file, arguments.Address, target.Description);
        if (arguments.DryRun)
        {
            return Show(context, target is IImageSink
                ? FlashPlanner.PlanSending(image, target.Description, options)
                : FlashPlanner.Plan(image, target.Description, options));
        }

        var report = await ProgressDisplay.RunAsync(
            context,
            $"{Path.GetFileName(FirmwareSource.NameOf(arguments.File))} to {Texts.Device(target.Description)}",
            progress => new Programmer(target, context.Log).FlashAsync(image, options, progress, cancellationToken).AsTask(),
            cancellationToken).ConfigureAwait(false);
        var result = context.Ended(report);
        ReportText.PrintFlash(context.Printer, report);
        return result;
    }

    private static void RefuseMismatch(ITarget target, Arguments arguments)
    {
        if (target is IImageSink && arguments.Address is not null)
        {
            throw new UsageException("this device takes an image as a whole, and decides itself where it goes", "leave --address out");
        }

        if (target is not IImageSink && arguments.Options.AlternateSetting is not null)
        {
            throw new UsageException("on this device addresses say which memory is meant, not alternate settings", "leave --alt out");
        }
    }

    private static ResultLine Show(CommandContext context, FlashPlan plan)
    {
        if (context.Printer.IsJson)
        {
            context.Printer.Json(PlanLine.Of(plan), CliJsonContext.Lines.PlanLine);
        }
        else
        {
            foreach (var line in FlashPlanText.Render(plan).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                context.Printer.Data(line);
            }
        }

        context.Printer.Talk("This is the plan; nothing was changed.");
        return context.Done();
    }

    private sealed record Arguments
    {
        public required string File { get; init; }

        public ConnectionAddress? Device { get; init; }

        public bool DryRun { get; init; }

        public uint? Address { get; init; }

        public FileAllowances Allow { get; init; }

        public bool Wait { get; init; }

        public bool Fresh { get; init; }

        public required FlashOptions Options { get; init; }
    }
}
