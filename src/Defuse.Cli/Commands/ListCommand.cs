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
    private const int LongestWord = 7;

    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var where = new Option<ConnectionAddress?>("--device", "-d")
        {
            Description = "Where to look: usbip://HOST[:PORT]/ for the boards that a USB/IP server shares. Without it, here.",
            HelpName = "ADDRESS",
            CustomParser = common.Device.CustomParser,
        };
        var watch = new Option<bool>("--watch", "-w") { Description = "Go on, with a line for every board in DFU mode that arrives, leaves or changes, until Ctrl-C." };
        var command = new DocumentedCommand("list", "List the boards that are connected, and those that can be simulated.")
        {
            Group = CommandGroup.Boards,
            Options = { where, watch, common.Json },
            Examples =
            [
                ("What is connected here", "defuse list"),
                ("What another computer shares", "defuse list --device usbip://192.168.1.5/"),
                ("What is plugged in and out", "defuse list --watch"),
                ("The addresses of boards that can be flashed, for a script", "defuse list | awk '$2 == \"ready\" {print $1}'"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(
            parse,
            context => parse.GetValue(watch)
                ? WatchAsync(context, parse.GetValue(where), cancellationToken)
                : RunAsync(context, parse.GetValue(where), cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        var printer = context.Printer;
        var boards = await Boards.CreateCatalog(context).ListAllAsync(scope, cancellationToken).ConfigureAwait(false);
        foreach (var board in boards)
        {
            printer.Json(BoardLine.Of(board), CliJsonContext.Lines.BoardLine);
        }

        if (!printer.IsJson)
        {
            Print(printer, boards, scope);
        }

        foreach (var board in boards)
        {
            WarnOfProblem(printer, board);
        }

        return context.Done();
    }

    private static async Task<ResultLine> WatchAsync(CommandContext context, ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        var printer = context.Printer;
        printer.Talk("Watching for boards; Ctrl-C ends.");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, context.Environment.OutFailing);
        try
        {
            await foreach (var (kind, board) in Boards.CreateCatalog(context).WatchAsync(scope, ending.Token).ConfigureAwait(false))
            {
                // They neither come nor go.
                if (board.IsSimulated && scope is null)
                {
                    continue;
                }

                var word = kind.ToString().ToLowerInvariant();
                printer.Json(BoardLine.Of(board) with { Change = word }, CliJsonContext.Lines.BoardLine);
                if (!printer.IsJson)
                {
                    var ink = kind switch { BoardChangeKind.Arrived => Ink.Second, BoardChangeKind.Left => Ink.First, _ => Ink.None };
                    printer.Data([(word.PadRight(LongestWord), ink), (string.Concat(BoardTable.Row(board).Select(x => "  " + x)), Ink.None)]);
                }

                if (kind != BoardChangeKind.Left)
                {
                    WarnOfProblem(printer, board, again: true);
                }
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // This is how it is meant to end.
        }

        return context.Done();
    }

    private static void WarnOfProblem(Printer printer, BoardInfo board, bool again = false)
    {
        if (board.Problem is not null)
        {
            printer.Warning($"{board.Address} cannot be opened: {board.Problem}{(board.Remedy is { } remedy ? $"; {remedy}" : "")}", again);
        }
    }

    private static void Print(Printer printer, ImmutableArray<BoardInfo> boards, ConnectionAddress? scope)
    {
        var connected = boards.Where(x => !x.IsSimulated).ToList();
        var simulated = boards.Where(x => x.IsSimulated).ToList();
        if (connected.Count == 0 && simulated.Count == 0 && scope is not null)
        {
            printer.Talk(scope.Scheme is "usbip" && !scope.Path.TrimEnd('/').Contains('/', StringComparison.Ordinal)
                ? $"No board in DFU mode is shared by {scope}."
                : $"There is no board {scope} in DFU mode.");
        }
        else if (connected.Count == 0 && scope is null)
        {
            printer.Talk("No board in DFU mode is connected here: connect one with BOOT0 high.");
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
