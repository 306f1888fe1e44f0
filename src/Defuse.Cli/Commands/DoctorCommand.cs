using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Diagnostics;
using Defuse.Monitoring;

namespace Defuse.Cli.Commands;

/// <summary>defuse doctor.</summary>
internal static class DoctorCommand
{
    private const int UsualWidth = 80;
    private const int WidestText = 100;

    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var device = new Option<ConnectionAddress?>("--device", "-d")
        {
            Description = "The only board to look at: dfu:usb-PORTS, dfu:serial=SERIAL, sim:BOARD or usbip://HOST[:PORT]/BUSID. Without it, the one in DEFUSE_DEVICE, if that is no serial port, or all that is plugged in.",
            HelpName = "ADDRESS",
            CustomParser = common.Device.CustomParser,
        };
        device.CompletionSources.AddRange(common.Device.CompletionSources);
        var report = new Option<string?>("--report")
        {
            Description = "Write what is seen to FILE, to attach to a bug: JSON, with serial numbers hashed and without your name and your computer's.",
            HelpName = "FILE",
        };
        var from = new Option<string?>("--from") { Description = "Look at FILE, which --report wrote, instead of this computer.", HelpName = "FILE" };
        var fix = new Option<bool>("--fix") { Description = FixText() };
        var undo = new Option<bool>("--undo") { Description = "Take back what --fix changed. What was changed since by somebody else is left." };
        var dryRun = new Option<bool>("--dry-run", "-n") { Description = "With --fix or --undo: only show what would be changed." };
        var yes = new Option<bool>("--yes", "-y") { Description = "With --fix or --undo: do not ask." };
        var command = new DocumentedCommand("doctor", "Say why a board is not there or cannot be flashed, and the one thing to change.")
        {
            Group = CommandGroup.Boards,
            Options = { device, report, from, fix, undo, dryRun, yes, common.Json },
            Notes = () =>
            [
                "",
                "It opens boards in DFU mode to ask them how they are, and leaves them as they are. The exit code is 0 when it",
                "looked, whatever it found; 3 if there is no board at ADDRESS. With --fix and --undo it is 1 if a change failed,",
                "4 if a board still does not open after it, and 5 if nothing could be changed.",
            ],
            Examples =
            [
                ("What is the matter with what is plugged in", "defuse doctor"),
                ("A report for a bug, and what another person sees in it", "defuse doctor --report board.json; defuse doctor --from board.json"),
                ("Try it with no hardware: a board that is read-out protected", "defuse doctor --device 'sim:nucleo-f767zi?rdp=1'"),
            ],
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(from) is not null && ((Option[])[device, report, fix, undo]).Any(x => result.GetResult(x) is not null))
            {
                result.AddError("--from looks at nothing but its file: leave the other options out.");
            }

            if (result.GetValue(undo) && ((Option[])[device, report, fix]).Any(x => result.GetResult(x) is not null))
            {
                result.AddError("--undo takes back what --fix changed, and looks at nothing: leave --fix, --device and --report out.");
            }

            if ((result.GetValue(dryRun) || result.GetValue(yes)) && !result.GetValue(fix) && !result.GetValue(undo))
            {
                result.AddError("--dry-run and --yes go with --fix or --undo.");
            }
        });
        command.SetAction((parse, cancellationToken) => runner.RunAsync(
            parse,
            context => parse.GetValue(from) is { } file
                ? ReplayAsync(context, file, cancellationToken)
                : parse.GetValue(undo) ? UndoAsync(context, new DoctorMending(context, isUndo: true, parse.GetValue(dryRun), parse.GetValue(yes)), cancellationToken)
                : RunAsync(
                    context,
                    parse.GetValue(device) ?? (Boards.FromVariable(context) is { Scheme: not SerialMonitor.SchemeName } usual ? usual : null),
                    parse.GetValue(report),
                    parse.GetValue(fix) ? new DoctorMending(context, isUndo: false, parse.GetValue(dryRun), parse.GetValue(yes)) : null,
                    cancellationToken)));
        return command;
    }

    private static string FixText() =>
        "Mend what Defuse can mend by itself, after it has shown it and asked: on Linux the udev rule that lets you open boards; on Windows WinUSB as the driver of a bootloader (experimental).";

    private static async Task<ResultLine> RunAsync(
        CommandContext context, ConnectionAddress? device, string? report, DoctorMending? mending, CancellationToken cancellationToken)
    {
        // Before it takes its time to look.
        var file = report is null ? null : TraceFile.Open(report, "--report");
        var doctor = Boards.CreateDoctor(context);
        HostInventory inventory;
        try
        {
            context.File = report;
            inventory = await doctor.LookAsync(device, cancellationToken).ConfigureAwait(false);
            if (file is not null)
            {
                var (written, serials) = DefuseDoctor.Report(inventory, device?.ToString(), $"defuse {context.Environment.Version}");
                await file.Stream.WriteAsync(written.ToUtf8(), cancellationToken).ConfigureAwait(false);
                context.Printer.Talk(Contents(report!, written.Inventory, serials));
            }
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync().ConfigureAwait(false);
            }
        }

        Tell(context, inventory, device?.ToString());
        return mending is null ? context.Done() : await mending.RunAsync(doctor, inventory, device, cancellationToken).ConfigureAwait(false);
    }

    // What to take back does not depend on how boards are.
    private static async Task<ResultLine> UndoAsync(CommandContext context, DoctorMending mending, CancellationToken cancellationToken)
    {
        var doctor = Boards.CreateDoctor(context);
        return await mending.RunAsync(doctor, await doctor.GlanceAsync(cancellationToken).ConfigureAwait(false), device: null, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ResultLine> ReplayAsync(CommandContext context, string file, CancellationToken cancellationToken)
    {
        context.File = file;
        var stream = await FirmwareSource.OpenAsync(context.Environment, file, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var read = await HostInventoryFile.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
            CheckAddress(read.Address);
            context.Printer.Talk($"This is the story of {file} ({read.Program ?? "of an unknown program"}; {read.Inventory.System.Version}). Nothing that is plugged in here was looked at.");
            Tell(context, read.Inventory, read.Address);
        }

        return context.Done();
    }

    private static void CheckAddress(string? address)
    {
        try
        {
            _ = address is null ? null : ConnectionAddress.Parse(address);
        }
        catch (ConnectionException e)
        {
            throw new HostInventoryFormatException($"the report was asked for a board by what is no address: {e.Message.TrimEnd('.')}", "write another report with defuse doctor --report FILE", e);
        }
    }

    private static void Tell(CommandContext context, HostInventory inventory, string? address)
    {
        var printer = context.Printer;
        var diagnosis = DefuseDoctor.Diagnose(inventory, address);
        if (address is not null && diagnosis.Boards.IsEmpty)
        {
            throw new ConnectionException(ConnectionFailure.NoDevice, $"nothing is seen at {address}", "leave --device out to see what is there");
        }

        foreach (var board in diagnosis.Boards)
        {
            printer.Json(DiagnosedBoardLine.Of(board), CliJsonContext.Lines.DiagnosedBoardLine);
        }

        printer.Json(ComputerLine.Of(inventory, diagnosis), CliJsonContext.Lines.ComputerLine);
        if (!printer.IsJson)
        {
            var width = printer.DataIsForPeople ? Math.Min(context.Environment.Width, WidestText) : UsualWidth;
            foreach (var line in DiagnosisText.Lines(diagnosis, width))
            {
                printer.Data([(line.Text, line.Kind == DiagnosisLineKind.Next ? Ink.Second : Ink.None)]);
            }
        }
    }

    private static string Contents(string file, HostInventory inventory, int serials)
    {
        string[] things =
        [
            Texts.Count(inventory.UsbDevices.Length, "USB device"),
            Texts.Count(inventory.SerialPorts.Length, "serial port"),
            Texts.Count(inventory.Volumes.Length, "drive"),
            Texts.Count(inventory.Dfu.Length, "bootloader") + " that answered",
        ];
        var hashed = serials == 0 ? "no serial number was in it" : $"{Texts.Count(serials, "serial number")} {(serials == 1 ? "is" : "are")} hashed, so that equal ones stay equal";
        return $"{file} holds the operating system, {string.Join(", ", things[..^1])} and {things[^1]}; {hashed}; names of users and of this computer are left out. It is text: read it before you send it.";
    }
}
