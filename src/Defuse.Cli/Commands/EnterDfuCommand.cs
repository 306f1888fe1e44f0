using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Connections;
using Defuse.Entering;

namespace Defuse.Cli.Commands;

/// <summary>defuse enter-dfu.</summary>
internal static class EnterDfuCommand
{
    private const string Inverted = "!";

    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var device = new Option<ConnectionAddress?>("--device", "-d")
        {
            Description = "The board: uart:PORT by the serial port of its program, dfu:usb-PORTS or dfu:serial=SERIAL. Without it, the one in DEFUSE_DEVICE, or the only one whose program is known.",
            HelpName = "ADDRESS",
            CustomParser = common.Device.CustomParser,
        };
        var way = new Option<EntryWay?>("--way")
        {
            Description = $"Ask in this way alone, whatever the program is: {string.Join(", ", EntryWays.All.Keys)}.",
            HelpName = "WAY",
            CustomParser = result => EntryWays.All.TryGetValue(result.Tokens[0].Value, out var value)
                ? value
                : CommonOptions.Fail<EntryWay?>(result, $"'{result.Tokens[0].Value}' is none of {string.Join(", ", EntryWays.All.Keys)}."),
        };
        way.CompletionSources.Clear();
        way.CompletionSources.Add([.. EntryWays.All.Keys]);
        var lines = new Option<ModemLineWiring?>("--lines")
        {
            Description = "With --way modem-lines: what is wired where, such as boot0=rts,nrst=dtr (the default). A ! before the line: a transistor inverts it ('boot0=!rts,nrst=dtr', in quotes for the shell).",
            HelpName = "WIRING",
            CustomParser = result => ParseWiring(result.Tokens[0].Value)
                ?? CommonOptions.Fail<ModemLineWiring>(result, $"'{result.Tokens[0].Value}' is no wiring; write boot0=rts,nrst=dtr or boot0=dtr,nrst=rts, with a ! before a line that is inverted"),
        };
        var command = new DocumentedCommand("enter-dfu", "Take a board from its program to its bootloader, with no jumper.")
        {
            Group = CommandGroup.Boards,
            Options = { device, way, lines, common.Json },
            Examples =
            [
                ("The only board whose program is known", "defuse enter-dfu"),
                ("The board with this serial port", "defuse enter-dfu --device uart:/dev/ttyACM0"),
                ("A sketch that was built for it", "defuse enter-dfu --device uart:COM5 --way touch-1200"),
                ("BOOT0 and NRST wired to a serial adapter", "defuse enter-dfu --device uart:/dev/ttyUSB0 --way modem-lines --lines boot0=rts,nrst=dtr"),
            ],
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(lines) is not null && result.GetValue(way) != EntryWay.ModemLines)
            {
                result.AddError("--lines says what --way modem-lines switches: give both.");
            }

            if (result.GetResult(way) is not null && result.GetResult(device) is null)
            {
                result.AddError("--way asks whatever program is there: name the board with --device.");
            }
        });
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context,
            parse.GetValue(device),
            new EntryOptions { Way = parse.GetValue(way), Wiring = parse.GetValue(lines) ?? ModemLineWiring.Default },
            cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, ConnectionAddress? device, EntryOptions options, CancellationToken cancellationToken)
    {
        var ready = await Boards.CreateCatalog(context).EnterDfuAsync(
            device ?? Boards.FromVariable(context), options, new EntryTalk(context), cancellationToken).ConfigureAwait(false);
        if (ready.Way is null)
        {
            context.Printer.Talk($"{ready.Address} is in DFU mode already.");
        }

        context.Printer.Json(EnteredLine.Of(ready), CliJsonContext.Lines.EnteredLine);
        if (!context.Printer.IsJson)
        {
            context.Printer.Data(ready.Address.ToString());
        }

        return context.Done();
    }

    private static ModemLineWiring? ParseWiring(string text)
    {
        var parts = text.ToLowerInvariant().Split(',').Select(x => x.Split('=')).ToList();
        if (parts.Count != 2 || parts.Any(x => x.Length != 2)
            || parts.FirstOrDefault(x => x[0] == "boot0")?[1] is not { } boot || parts.FirstOrDefault(x => x[0] == "nrst")?[1] is not { } reset)
        {
            return null;
        }

        var (bootLine, resetLine) = (boot.TrimStart('!'), reset.TrimStart('!'));
        return (bootLine, resetLine) is ("rts", "dtr") or ("dtr", "rts")
            ? new ModemLineWiring(resetLine == "dtr", boot.StartsWith(Inverted, StringComparison.Ordinal), reset.StartsWith(Inverted, StringComparison.Ordinal))
            : null;
    }
}
