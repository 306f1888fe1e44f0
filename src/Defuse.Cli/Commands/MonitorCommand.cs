using System.CommandLine;
using System.Globalization;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Monitoring;

namespace Defuse.Cli.Commands;

/// <summary>defuse monitor.</summary>
internal static class MonitorCommand
{
    // Ctrl-], as telnet has it: MicroPython has a meaning for Ctrl-A to Ctrl-E.
    private const byte QuitKey = 0x1D;

    private const int SlowestBaudRate = 50;
    private const int FastestBaudRate = 12_000_000;
    private const string On = "on";
    private const string Off = "off";

    public static Command Create(CommandRunner runner)
    {
        var device = new Option<ConnectionAddress?>("--device", "-d")
        {
            Description = "The port: uart:/dev/ttyACM0, uart:COM5, or its name alone. Without it, the one in DEFUSE_DEVICE, if that is a port, or the only one on USB, or else the only one that there is.",
            HelpName = "ADDRESS",
            CustomParser = result => ParseDevice(result, runner.Common.Device),
        };
        var baud = new Option<int>("--baud")
        {
            Description = "Symbols a second, 115200 if not given. A board's own USB does not care.",
            HelpName = "N",
            DefaultValueFactory = _ => new SerialMonitorOptions().BaudRate,
        };
        baud.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) || rate is < SlowestBaudRate or > FastestBaudRate))
            {
                result.AddError($"--baud takes {SlowestBaudRate} to {FastestBaudRate}.");
            }
        });
        var frame = new Option<string>("--frame")
        {
            Description = "Data bits, parity (N, E or O) and stop bits: 8N1 if not given, 8E1 for the UART bootloader of an STM32.",
            HelpName = "8N1",
            DefaultValueFactory = _ => SerialMonitorOptions.UsualFrame,
        };
        frame.Validators.Add(result =>
        {
            if (!SerialMonitorOptions.IsFrame(result.GetValueOrDefault<string>() ?? ""))
            {
                result.AddError($"'{result.GetValueOrDefault<string>()}' is no frame; write data bits, parity and stop bits, as 8N1 or 8E1.");
            }
        });
        var dtr = Line("--dtr", "DTR on or off. It is on if not given: many boards send nothing without it.");
        var rts = Line("--rts", "RTS on or off. It is on if not given.");
        var noReconnect = new Option<bool>("--no-reconnect") { Description = "End when the board leaves, instead of waiting until it is back." };
        var command = new DocumentedCommand("monitor", "Talk with the program on a board over a serial port, and go on when the board comes back.")
        {
            Group = CommandGroup.Boards,
            Options = { device, baud, frame, dtr, rts, noReconnect },
            Notes = static () =>
            [
                "",
                "Ctrl-] ends it. All else that is typed goes to the board, Ctrl-C too. Where stdin is no terminal, it is",
                "sent as it is, and Ctrl-C ends it.",
            ],
            Examples =
            [
                ("The only port that there is", "defuse monitor"),
                ("A port by its name", "defuse monitor --device uart:/dev/ttyACM0 --baud 9600"),
                ("Keep what a board says in a file", "defuse monitor < /dev/null > board.log"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context,
            parse.GetValue(device),
            new SerialMonitorOptions
            {
                BaudRate = parse.GetValue(baud),
                Frame = parse.GetRequiredValue(frame),
                DataTerminalReady = parse.GetValue(dtr) != Off,
                RequestToSend = parse.GetValue(rts) != Off,
                Reconnects = !parse.GetValue(noReconnect),
            },
            cancellationToken)));
        return command;
    }

    private static Option<string?> Line(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "on|off" };
        option.AcceptOnlyFromAmong(On, Off);
        return option;
    }

    // A port's name alone is what other programs take, and what people have at hand.
    private static ConnectionAddress? ParseDevice(System.CommandLine.Parsing.ArgumentResult result, Option<ConnectionAddress?> usual) =>
        result.Tokens[0].Value is var text && text.Length > 0 && !text.Contains(':', StringComparison.Ordinal)
            ? ConnectionAddress.Of(SerialMonitor.SchemeName, text)
            : usual.CustomParser!(result);

    private static async Task<ResultLine> RunAsync(
        CommandContext context, ConnectionAddress? device, SerialMonitorOptions options, CancellationToken cancellationToken)
    {
        var environment = context.Environment;
        var monitor = environment.CreateSerialMonitor(new DefuseBoardsOptions { Time = environment.Time, LoggerFactory = context.Log });
        var address = device
            ?? (Boards.FromVariable(context) is { Scheme: SerialMonitor.SchemeName } usual ? usual : null)
            ?? await monitor.FindOnlyAsync(cancellationToken).ConfigureAwait(false);
        var keyboard = environment.InIsTerminal ? environment.OpenKeyboard() : null;
        await using var restoring = (keyboard ?? Stream.Null).ConfigureAwait(false);
        try
        {
            await monitor.RunAsync(
                address,
                options with { QuitKey = keyboard is null ? null : QuitKey },
                keyboard ?? environment.OpenInStream(),
                environment.OpenOutPipe() ?? environment.OpenOutStream(),
                new Events(context.Printer, options, keyboard is not null),
                cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // This is how it is meant to end.
        }
        catch (IOException e) when (BrokenPipe.Is(e))
        {
            // Whoever read has had enough.
        }

        return context.Done();
    }

    private sealed class Events(Printer printer, SerialMonitorOptions options, bool hasKeyboard) : IProgress<SerialMonitorEvent>
    {
        public void Report(SerialMonitorEvent value)
        {
            var port = value.Product is { } product ? $"{value.Port} ({product})" : value.Port;
            switch (value.Kind)
            {
                case SerialMonitorEventKind.Opened:
                    printer.Talk($"Connected to {port} at {options.BaudRate} baud, {options.Frame}. {(hasKeyboard ? "Ctrl-] ends; Ctrl-C goes to the board." : "Ctrl-C ends.")}");
                    break;
                case SerialMonitorEventKind.Left:
                    printer.Talk($"{port} is gone; waiting until it is back. {(hasKeyboard ? "Ctrl-]" : "Ctrl-C")} ends.");
                    break;
                case SerialMonitorEventKind.Returned:
                    printer.Talk($"Connected to {port} again.");
                    break;
                case SerialMonitorEventKind.Refused:
                    printer.Warning(value.Reason is { Remedy: { } remedy } reason ? $"{reason.Message}; {remedy}" : value.Reason?.Message ?? $"{port} cannot be opened", again: true);
                    break;
            }
        }
    }
}
