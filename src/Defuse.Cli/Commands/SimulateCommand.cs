using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Net;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Connections;

namespace Defuse.Cli.Commands;

/// <summary>defuse simulate.</summary>
internal static class SimulateCommand
{
    private const int UsualPort = 3240;

    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var boards = new Argument<ConnectionAddress[]>("BOARD")
        {
            Description = "What to simulate: NAME[#NUMBER][?OPTION=VALUE&...], as listed below.",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
            {
                try
                {
                    return [.. result.Tokens.Select(x => Parse(x.Value))];
                }
                catch (ConnectionException e)
                {
                    return CommonOptions.Fail<ConnectionAddress[]>(result, e.Message + ".");
                }
            },
        };
        boards.CompletionSources.Add(_ => SimulatedBoards.All.Select(x => x.Name));
        var port = new Option<int>("--port", "-p")
        {
            Description = "The TCP port to serve on: 3240, the usual one for USB/IP, if none is given; 0 for any that is free.",
            HelpName = "PORT",
            DefaultValueFactory = _ => UsualPort,
            CustomParser = result => ushort.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : CommonOptions.Fail<int>(result, "--port takes a number from 0 to 65535."),
        };
        var fresh = new Option<bool>("--fresh") { Description = "Blank the boards first." };
        var time = new Option<double>("--time")
        {
            Description = "How much of a real chip's time erasing and writing take, from 0 (none) to 1 (all of it, the default here; for sim: in other commands it is 0).",
            HelpName = "0..1",
            DefaultValueFactory = _ => 1,
            CustomParser = result =>
                double.TryParse(result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var scale) && scale is >= 0 and <= 1
                    ? scale
                    : CommonOptions.Fail<double>(result, "--time takes a number from 0 to 1."),
        };
        var fault = new Option<string?>("--fault")
        {
            Description = "What goes wrong, once or several times: KIND@STEP[:AT][xTIMES][=VALUE],... as described below.",
            HelpName = "SCRIPT",
        };
        var terminals = new Option<bool>("--pty")
        {
            Description = "Have the serial port of a board's program as a pseudo-terminal instead of on USB; Linux only.",
        };
        terminals.Validators.Add(result =>
        {
            if (!OperatingSystem.IsLinux() && result.GetValueOrDefault<bool>())
            {
                result.AddError("--pty works on Linux only.");
            }
        });
        var command = new DocumentedCommand("simulate", "Serve simulated boards over USB/IP, on this computer only, until Ctrl-C.")
        {
            Group = CommandGroup.Boards,
            Arguments = { boards },
            Options = { port, fresh, time, fault, terminals, common.Json },
            Notes = Notes,
            Examples =
            [
                ("One board", "defuse simulate nucleo-f767zi"),
                ("Two of a kind, one with its flash in two banks", "defuse simulate nucleo-f767zi 'nucleo-f767zi#1?bank=dual'"),
                ("One that is pulled out at the 12,345th byte that is written", "defuse simulate nucleo-f767zi --fault unplug@write:12345"),
                ("One that runs MicroPython, which a terminal program can talk to", "defuse simulate 'nucleo-f767zi?program=micropython' --pty"),
                ("Flash the first, from another terminal", "defuse flash micropython.dfu --device usbip://127.0.0.1:3240/1-1"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context,
            parse.GetRequiredValue(boards),
            new SimulationOptions
            {
                Port = parse.GetValue(port),
                Address = IPAddress.Loopback,
                Fresh = parse.GetValue(fresh),
                TimeScale = parse.GetValue(time),
                Fault = parse.GetValue(fault),
                SerialTerminals = parse.GetValue(terminals),
                Folder = context.Environment.SimulatorFolder,
            },
            cancellationToken)));
        return command;
    }

    private static ConnectionAddress Parse(string text) =>
        ConnectionAddress.Parse(text.StartsWith("sim:", StringComparison.OrdinalIgnoreCase) ? text : "sim:" + text);

    private static IEnumerable<string> Notes()
    {
        var boards = SimulatedBoards.All;
        var common = boards.SelectMany(x => x.Options).Distinct().Where(x => 2 * boards.Count(board => board.Options.Contains(x)) > boards.Length).ToList();
        yield return "";
        yield return "Boards, each with the options that few have:";
        foreach (var board in boards)
        {
            yield return $"  {board.Name,-18}{board.Description}";
            foreach (var option in board.Options.Except(common))
            {
                yield return "  " + Option(option);
            }
        }

        yield return "";
        yield return "Options of every board; rdp and wrp of those whose bootloader knows such protection:";
        foreach (var option in common.OrderBy(x => x.Key, StringComparer.Ordinal))
        {
            yield return Option(option);
        }

        yield return "";
        foreach (var line in Faults)
        {
            yield return line;
        }

        yield return "";
        yield return "A board with ?program= begins in its program, a serial port on USB, and comes back to it after flashing.";
        yield return "With --pty DTR and RTS are what can be told from the port's being opened and closed; breaks are not seen.";
        yield return "With ?program=uart there is a serial adapter whose DTR resets the chip and whose RTS is BOOT0: --way modem-lines --lines 'boot0=!rts,nrst=dtr'.";
        yield return "";
        yield return "?rdp=, ?wrp= and ?bank= stay as they were set, until set again: ?rdp=0, ?wrp=none, ?bank=single.";
        yield return "All other options are for the time that the board is open. With another ?flash= it has contents of its own.";
        yield return $"Their flash is kept in {SimulatedBoards.DefaultFolder}.";
    }

    private static readonly ImmutableArray<string> Faults =
    [
        "A fault script, for --fault and ?fault=: KIND@STEP[:AT][xTIMES][=VALUE], several with commas.",
        "  stall           STALL answers a request       timeout[=TIME]  no answer comes in time",
        "  unplug          the plug is pulled            late[=2s]       the answer comes late",
        "  reset           the chip resets               busy[=TIME]     dfuDNBUSY, or for ever",
        "  serial[=TEXT]   it comes back as another      refuse          dfuERROR",
        "  bitrot          a bit of flash flips; also bitrot@0x08001234.3, after it was changed",
        "  Steps, with what AT counts from 0: open, status (requests); address, erase, unprotect, start",
        "  (commands); read, compare, verify, write (bytes). Compare is reading before anything is",
        "  changed, verify is reading after. AT begins anew each time the board is plugged in.",
    ];

    private static string Option(KeyValuePair<string, string> option) => $"  {$"?{option.Key}=",-18}{option.Value}";

    private static async Task<ResultLine> RunAsync(
        CommandContext context, ConnectionAddress[] boards, SimulationOptions options, CancellationToken cancellationToken)
    {
        var printer = context.Printer;
        var server = await SimulationServer.StartAsync(boards, options, new Messages(printer), cancellationToken).ConfigureAwait(false);
        await using var closing = server.ConfigureAwait(false);
        var width = server.Exports.Max(x => x.Address.ToString().Length);
        foreach (var export in server.Exports)
        {
            printer.Json(
                new ExportLine(export.Board.ToString(), export.BusId, export.Address.ToString(), export.IsSerialAdapter ? true : null, export.SerialPort),
                CliJsonContext.Lines.ExportLine);
            if (!printer.IsJson)
            {
                printer.Data($"{export.Address.ToString().PadRight(width)}  {export.Board}{(export.IsSerialAdapter ? ", its serial adapter" : "")}");
                if (export.SerialPort is { } terminal)
                {
                    printer.Data($"{terminal.PadRight(width)}  {export.Board}, its program's serial port");
                }
            }
        }

        var first = server.Exports[0];
        if (first.SerialPort is { } port)
        {
            printer.Talk("To talk with the first's program from another terminal:");
            printer.Talk($"  defuse monitor --device {port}");
        }

        printer.Talk($"To flash the first from another terminal{(first.Board.Options.ContainsKey("program") ? ", once its bootloader has been started" : "")}:");
        printer.Talk($"  defuse flash FILE --device {first.Address}");
        printer.Talk("To plug it into Linux, for dfu-util and others (as root, with the module vhci-hcd loaded):");
        printer.Talk($"  sudo usbip{(PortOf(first) == UsualPort ? "" : $" --tcp-port {PortOf(first)}")} attach -r {IPAddress.Loopback} -b {first.BusId}");
        printer.Talk("Serving; Ctrl-C ends it.");
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = cancellationToken.Register(end.SetResult);
        await using var unregistering = registration.ConfigureAwait(false);
        await end.Task.ConfigureAwait(false);
        return context.Done();
    }

    private static int PortOf(SimulatedExport export)
    {
        var host = export.Address.Path.Split('/')[0];
        var colon = host.LastIndexOf(':');
        return colon < 0 ? UsualPort : int.Parse(host[(colon + 1)..], CultureInfo.InvariantCulture);
    }

    private sealed class Messages(Output.Printer printer) : IProgress<string>
    {
        public void Report(string value) => printer.Talk(value);
    }
}
