using System.Collections.Immutable;
using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Connections;

namespace Defuse.Cli.Commands;

/// <summary>defuse list.</summary>
internal static class ListCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var where = new Option<ConnectionAddress?>("--device", "-d")
        {
            Description = "Where to look: usbip://HOST[:PORT]/ for the boards that a USB/IP server shares. Without it, here.",
            HelpName = "ADDRESS",
            CustomParser = common.Device.CustomParser,
        };
        var command = new DocumentedCommand("list", "List the boards that are connected, and those that can be simulated.")
        {
            Group = CommandGroup.Boards,
            Options = { where, common.Json },
            Examples =
            [
                ("What is connected here", "defuse list"),
                ("What another computer shares", "defuse list --device usbip://192.168.1.5/"),
                ("The addresses of boards that can be flashed, for a script", "defuse list | awk '$2 == \"ready\" {print $1}'"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(context, parse.GetValue(where), cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        var printer = context.Printer;
        var boards = await LookAsync(context, scope, cancellationToken).ConfigureAwait(false);
        foreach (var board in boards)
        {
            printer.Json(BoardLine.Of(board), CliJsonContext.Lines.BoardLine);
        }

        if (!printer.IsJson)
        {
            Print(printer, boards, scope);
        }

        foreach (var board in boards.Where(x => x.Problem is not null))
        {
            printer.Warning($"{board.Address} cannot be opened: {board.Problem}{(board.Remedy is { } remedy ? $"; {remedy}" : "")}");
        }

        return context.Done();
    }

    private static async Task<ImmutableArray<BoardInfo>> LookAsync(CommandContext context, ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        try
        {
            return await Boards.CreateCatalog(context).ListAsync(scope, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.CannotOpen)
        {
            throw new ConnectionException(ConnectionFailure.CannotOpen, e.Message, e.Remedy, e);
        }
    }

    private static void Print(Printer printer, ImmutableArray<BoardInfo> boards, ConnectionAddress? scope)
    {
        var connected = boards.Where(x => !x.IsSimulated).ToList();
        var simulated = boards.Where(x => x.IsSimulated).ToList();
        if (connected.Count == 0)
        {
            printer.Talk(scope is null
                ? "No board in DFU mode is connected here: connect one with BOOT0 high."
                : $"No board in DFU mode is shared by {scope}.");
        }

        if (printer.DataIsForPeople)
        {
            BoardTable.Write(printer.CreateDataConsole(), connected, simulated);
            return;
        }

        foreach (var line in Texts.Align([.. connected.Concat(simulated).Select(BoardTable.Row)]))
        {
            printer.Data(line);
        }
    }
}
