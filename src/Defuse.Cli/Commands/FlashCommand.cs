using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
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
        var device = CommonOptions.Devices(common);
        var all = new Option<bool>("--all") { Description = "Flash every board that is connected, side by side. With --device usbip://HOST/, every one that this server shares." };
        var watch = new Option<bool>("--watch") { Description = "Flash each board as it is plugged in, side by side, until Ctrl-C." };
        var count = new Option<int?>("--count")
        {
            Description = "With --watch: end after this many boards.",
            HelpName = "NUMBER",
            CustomParser = result => int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
                ? number
                : CommonOptions.Fail<int?>(result, $"'{result.Tokens[0].Value}' is no number of boards (1 or more)"),
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Open the board, print what would be done, and change nothing." };
        var board = CommonOptions.Board("With --dry-run: plan for this board, which need not be connected. defuse boards lists them.");
        var chip = CommonOptions.Chip("With --dry-run: plan for this chip, such as STM32F767ZI. defuse chips lists them.");
        var keep = CommonOptions.Keep();
        var backup = CommonOptions.Backup();
        var address = CommonOptions.Address("Where a raw .bin goes. Without it, to the start of flash, if the file begins with a vector table for there.");
        var alternate = new Option<byte?>("--alt")
        {
            Description = "Of a plain DFU device with several alternate settings, the one to send the image to.",
            HelpName = "NUMBER",
            CustomParser = result => byte.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : CommonOptions.Fail<byte?>(result, $"'{result.Tokens[0].Value}' is no number of an alternate setting (0 to 255)"),
        };
        var erase = new Option<string?>("--erase") { Description = "chip: erase the whole main flash at once, instead of the sectors that change.", HelpName = "chip" };
        erase.AcceptOnlyFromAmong("chip");
        var noCompare = new Option<bool>("--no-compare") { Description = "Rewrite every sector, without looking first which ones differ." };
        var noVerify = new Option<bool>("--no-verify") { Description = "Do not read back what was written; the exit code is 8 then." };
        var noStart = new Option<bool>("--no-start") { Description = "Stay in the bootloader, instead of starting the program." };
        var noFollow = CommonOptions.NoFollow();
        var noEnter = new Option<bool>("--no-enter") { Description = "Leave programs alone: flash only a board that is in DFU mode already." };
        var allow = CommonOptions.Allow(["chip", "outside", "protected", "otp-for-good", .. CommonOptions.FileAllowances]);
        var wait = new Option<bool>("--wait", "-w") { Description = "Wait for the board, if it is not there yet." };
        var fresh = new Option<bool>("--fresh") { Description = "Blank a simulated board first." };
        var command = new DocumentedCommand("flash", "Write a firmware file to a board, read it back, and start it.")
        {
            Group = CommandGroup.Boards,
            Arguments = { file },
            Options = { device, all, watch, count, dryRun, board, chip, address, alternate, keep, backup, erase, noCompare, noVerify, noStart, noFollow, noEnter, allow, wait, fresh, common.Trace, common.NoProgress, common.Json },
            Examples =
            [
                ("The only board that is connected", "defuse flash micropython.dfu"),
                ("A board that runs MicroPython, Betaflight or ArduPilot: it is taken to its bootloader first", "defuse flash micropython.dfu --device uart:/dev/ttyACM0"),
                ("A simulated board", "defuse flash micropython.dfu --device sim:nucleo-f767zi"),
                ("What would be done", "defuse flash firmware.hex --dry-run"),
                ("The same, with no board at hand", "defuse flash firmware.hex --dry-run --board nucleo-f767zi"),
                ("Keep a file system and settings, with a way back", "defuse flash app.hex --keep unwritten --backup before.dfu"),
                ("Raw bytes behind a bootloader", "defuse flash app.bin --address 0x08020000"),
                ("Straight from a web server", "curl -L https://example.org/firmware.dfu | defuse flash -"),
                ("All boards on the hub", "defuse flash firmware.dfu --all"),
                ("Fifty boards, one after the other or several at once, with a record of each", "defuse flash firmware.dfu --watch --count 50 --json > records.jsonl"),
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
        command.Validators.Add(result =>
        {
            var known = new Option[] { board, chip }.Where(x => result.GetResult(x) is not null).ToList();
            if (known.Count > 0 && !result.GetValue(dryRun))
            {
                result.AddError($"{known[0].Name} names a board that need not be connected: give --dry-run with it, or --device for one that is.");
            }

            if (known.Count > 1 || (known.Count > 0 && result.GetResult(device) is not null))
            {
                result.AddError("Give one of --device, --board and --chip.");
            }
        });
        command.Validators.Add(result =>
        {
            var isGang = result.GetValue(all) || result.GetValue(watch) || result.GetResult(device) is { Tokens.Count: > 1 };
            if (result.GetValue(all) && result.GetValue(watch))
            {
                result.AddError("Give either --all, for the boards that are there, or --watch, for those that are plugged in as well.");
            }

            if (result.GetResult(count) is not null && !result.GetValue(watch))
            {
                result.AddError("--count says when --watch ends: give --watch with it.");
            }

            if ((result.GetValue(all) || result.GetValue(watch)) && result.GetResult(device) is { Tokens.Count: > 1 })
            {
                result.AddError("Give --device for each board that is meant, or --all or --watch with at most one --device, which says where to look.");
            }

            if (isGang && OneBoardOnly(result, dryRun, backup, wait, common.Trace) is { } refused)
            {
                result.AddError(refused);
            }

            if ((result.GetValue(all) || result.GetValue(watch)) && result.GetValue(fresh))
            {
                result.AddError("--fresh is for simulated boards, which --all and --watch leave out: name them with --device.");
            }
        });
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context,
            new FlashArguments
            {
                File = parse.GetRequiredValue(file),
                Devices = [.. parse.GetValue(device) ?? []],
                Names = NamesOf(parse.GetValue(device) ?? [], parse.GetResult(device)),
                All = parse.GetValue(all),
                Watch = parse.GetValue(watch),
                Count = parse.GetValue(count),
                Known = parse.GetValue(board) ?? parse.GetValue(chip),
                Backup = parse.GetValue(backup),
                DryRun = parse.GetValue(dryRun),
                Address = parse.GetValue(address),
                Wait = parse.GetValue(wait),
                Entry = parse.GetValue(noEnter) || parse.GetValue(dryRun) ? ProgramEntry.Never : ProgramEntry.OnlyOne,
                Follow = !parse.GetValue(noFollow),
                Fresh = parse.GetValue(fresh),
                Allow = parse.GetValue(allow).File,
                Options = new FlashOptions
                {
                    Allow = parse.GetValue(allow).Flash,
                    Compare = !parse.GetValue(noCompare),
                    Verify = !parse.GetValue(noVerify),
                    Start = !parse.GetValue(noStart),
                    EraseChip = parse.GetValue(erase) is not null,
                    Keep = parse.GetValue(keep)?.Ranges ?? [],
                    KeepUnwritten = parse.GetValue(keep)?.Unwritten ?? false,
                    AlternateSetting = parse.GetValue(alternate),
                },
            },
            cancellationToken)));
        return command;
    }

    private static ImmutableDictionary<ConnectionAddress, string> NamesOf(ConnectionAddress[] devices, OptionResult? option) =>
        devices.Zip(option?.Tokens ?? []).DistinctBy(x => x.First).ToImmutableDictionary(x => x.First, x => x.Second.Value);

    private static string? OneBoardOnly(CommandResult result, Option dryRun, Option backup, Option wait, Option trace)
    {
        (Option Option, string Why)[] refusals =
        [
            (dryRun, "--dry-run shows the plan for one board: name it with --device."),
            (backup, "--backup names one file, and several boards would want to be saved in it: leave it out, or flash them one by one."),
            (wait, "--wait waits for one board; --watch waits for any number of them."),
            (trace, "--trace records one board: name it with --device."),
        ];
        return refusals.Where(x => result.GetResult(x.Option) is not null).Select(x => x.Why).FirstOrDefault();
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, FlashArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.IsGang)
        {
            context.Names = arguments.Names;
            return await FlashGang.RunAsync(context, arguments, cancellationToken).ConfigureAwait(false);
        }

        var file = await FirmwareLoader.LoadAsync(context, arguments.File, arguments.Allow, arguments.Address, cancellationToken).ConfigureAwait(false);
        var options = arguments.Options with { MadeFor = FirmwareLoader.MadeFor(file) };
        var save = arguments.Backup is { } path ? BackupFile.Named(context, path)
            : options.KeepUnwritten || !options.Keep.IsEmpty ? BackupFile.Rescue(context)
            : null;
        if (arguments.Known is { } known)
        {
            context.Device = known.Target;
            options = options with { Backup = arguments.Backup is null ? null : (_, _) => default };
            return Show(context, FlashPlanner.Plan(FirmwareLoader.Place(file, arguments.Address, known.Target), known.Target, options));
        }

        var target = await Boards.OpenAsync(context, arguments.Devices.FirstOrDefault(), cancellationToken, arguments.Wait, arguments.Fresh, arguments.Entry).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        RefuseMismatch(target, arguments);
        var image = target is IImageSink ? file.Image : FirmwareLoader.Place(file, arguments.Address, target.Description);
        if (save is not null && (!arguments.DryRun || arguments.Backup is not null))
        {
            options = options with { Backup = (bytes, cancel) => save.SaveAsync(bytes, target.Description, cancel) };
        }

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
        var wayBack = save?.Close(report);
        var result = context.Ended(report, wayBack);
        ReportText.PrintFlash(context.Printer, report, wayBack);
        if (arguments.Follow && report is { IsSuccess: true, Started: not null })
        {
            await ReturnWatching.RunAsync(context, target, cancellationToken).ConfigureAwait(false);
        }

        return result;
    }

    /// <summary>Refuses what an option asks for and such a device cannot do.</summary>
    public static void RefuseMismatch(ITarget target, FlashArguments arguments)
    {
        if (target is IImageSink && arguments.Address is not null)
        {
            throw new UsageException("this device takes an image as a whole, and decides itself where it goes", "leave --address out");
        }

        if (target is IImageSink && (arguments.Backup is not null || arguments.Options.KeepUnwritten || !arguments.Options.Keep.IsEmpty))
        {
            throw new PlanRefusedException(
                [new Refusal(RefusalKind.Memory, "this device takes one whole image, and lets nobody at its memory", null, "leave --keep and --backup out")]);
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
}
