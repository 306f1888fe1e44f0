using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Diagnostics;

namespace Defuse.Cli.Commands;

/// <summary>defuse doctor.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var device = new Option<ConnectionAddress?>("--device", "-d")
        {
            Description = "The only board to look at. Without it, all that is plugged in.",
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
        var command = new DocumentedCommand("doctor", "Say why a board is not there or cannot be flashed, and the one thing to change.")
        {
            Group = CommandGroup.Boards,
            Options = { device, report, from, common.Json },
            Notes = () =>
            [
                "",
                "It opens boards in DFU mode to ask them how they are, and leaves them as they are. The exit code is 0 when it",
                "looked, whatever it found; 3 if there is no board at ADDRESS.",
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
            if (result.GetResult(from) is not null && (result.GetResult(device) ?? result.GetResult(report)) is not null)
            {
                result.AddError("--from looks at nothing but its file: leave the other options out.");
            }
        });
        command.SetAction((parse, cancellationToken) => runner.RunAsync(
            parse,
            context => parse.GetValue(from) is { } file
                ? ReplayAsync(context, file, cancellationToken)
                : RunAsync(context, parse.GetValue(device) ?? Boards.FromVariable(context), parse.GetValue(report), cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, ConnectionAddress? device, string? report, CancellationToken cancellationToken)
    {
        if (report is null)
        {
            Tell(context, await Boards.CreateDoctor(context).LookAsync(device, cancellationToken).ConfigureAwait(false), device?.ToString());
            return context.Done();
        }

        // Before it takes its time to look.
        var file = TraceFile.Open(report, "--report");
        await using (file.ConfigureAwait(false))
        {
            context.File = report;
            var inventory = await Boards.CreateDoctor(context).LookAsync(device, cancellationToken).ConfigureAwait(false);
            var (written, serials) = DefuseDoctor.Report(inventory, device?.ToString(), $"defuse {context.Environment.Version}");
            await file.Stream.WriteAsync(written.ToUtf8(), cancellationToken).ConfigureAwait(false);
            Tell(context, inventory, device?.ToString());
            context.Printer.Talk(Contents(report, inventory, serials));
        }

        return context.Done();
    }

    private static async Task<ResultLine> ReplayAsync(CommandContext context, string file, CancellationToken cancellationToken)
    {
        context.File = file;
        var stream = await FirmwareSource.OpenAsync(context.Environment, file, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var read = await HostInventoryFile.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
            context.Printer.Talk($"This is what {read.Program ?? "somebody"} saw on {read.Inventory.System.Version}; nothing that is plugged in here was looked at.");
            Tell(context, read.Inventory, read.Address);
        }

        return context.Done();
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
            printer.Json(Json.DiagnosisLine.Of(board), CliJsonContext.Lines.DiagnosisLine);
        }

        printer.Json(ComputerLine.Of(inventory, diagnosis), CliJsonContext.Lines.ComputerLine);
        if (!printer.IsJson)
        {
            foreach (var line in DoctorText.Of(inventory, diagnosis))
            {
                printer.Data(line);
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
            Texts.Count(inventory.Dfu.Length, "bootloader") + " that was asked",
        ];
        var hashed = serials == 0 ? "no serial number was in it" : $"{Texts.Count(serials, "serial number")} {(serials == 1 ? "is" : "are")} hashed, so that equal ones stay equal";
        return $"{file} holds the operating system and {string.Join(", ", things)}; {hashed}; names of users and of this computer are left out. It is text: read it before you send it.";
    }
}
