using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Devices;

namespace Defuse.Cli.Commands;

/// <summary>defuse boards.</summary>
internal static class BoardsCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var search = new Argument<string[]>("BOARD")
        {
            Description = "A board's name or a part of it, its maker, its chip, or the four digits that its ST-LINK reports. Without it, all boards.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new DocumentedCommand("boards", "List the boards that are known, search them, or show one and how it enters DFU mode.")
        {
            Group = CommandGroup.Reference,
            Arguments = { search },
            Options = { common.Json },
            Examples =
            [
                ("All of them", "defuse boards"),
                ("Those with a chip", "defuse boards STM32F4"),
                ("One, with how it enters DFU mode", "defuse boards nucleo-f767zi"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(
            parse, context => Task.FromResult(Run(context, string.Join(' ', parse.GetValue(search) ?? [])))));
        return command;
    }

    private static ResultLine Run(CommandContext context, string text)
    {
        var found = BoardDatabase.Default.Find(text);
        if (found.IsEmpty)
        {
            // "0x413", "STM32F103C8T6": what a chip is called, and not the board.
            found = [.. ChipDatabase.Default.Find(text).SelectMany(x => BoardDatabase.Default.WithChip(x.Chip.Id).Where(y => x.Part is null || y.Part == x.Part.Name))];
        }

        if (found.IsEmpty)
        {
            throw new UsageException($"no known board is '{text}'", "defuse boards lists all; defuse list shows the boards that are connected");
        }

        foreach (var board in found)
        {
            context.Printer.Json(KnownBoardLine.Of(board), CliJsonContext.Lines.KnownBoardLine);
        }

        if (context.Printer.IsJson)
        {
            return context.Done();
        }

        if (found.Length == 1 && text.Length > 0)
        {
            foreach (var line in BoardText.Of(found[0], ChipDatabase.Default.FindPart(found[0].Part)))
            {
                context.Printer.Data(line);
            }
        }
        else
        {
            Tables.Print(context.Printer, ["BOARD", "CHIP", "MAKER", "USB DFU"], [.. found.Select(x => BoardText.Row(x, ChipDatabase.Default.FindId(x.ChipId)))]);
        }

        return context.Done();
    }
}
