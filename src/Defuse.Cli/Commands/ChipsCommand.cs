using System.Collections.Immutable;
using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Devices;

namespace Defuse.Cli.Commands;

/// <summary>defuse chips.</summary>
internal static class ChipsCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var search = new Argument<string[]>("CHIP")
        {
            Description = "A part number or its beginning (STM32F767ZI, f401xc), a family, a core or a chip id. Without it, all chips.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new DocumentedCommand("chips", "List the chips that are known, search them, or show one with its memory.")
        {
            Group = CommandGroup.Reference,
            Arguments = { search },
            Options = { common.Json },
            Examples =
            [
                ("All of them", "defuse chips"),
                ("A family", "defuse chips stm32g4"),
                ("One part, with its sectors and memories", "defuse chips STM32F767ZI"),
                ("By the id that a debugger reads", "defuse chips 0x451"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(
            parse, context => Task.FromResult(Run(context, string.Join(' ', parse.GetValue(search) ?? [])))));
        return command;
    }

    private static ResultLine Run(CommandContext context, string text)
    {
        var found = ChipDatabase.Default.Find(text);
        if (found.IsEmpty)
        {
            throw new UsageException(
                $"no known chip is '{text}'",
                BoardDatabase.Default.Find(text).IsEmpty
                    ? "give a part number or its beginning, such as STM32F4; defuse chips lists all"
                    : $"a board is called that: defuse boards {text}");
        }

        var isOne = found.Length == 1 && text.Length > 0;
        foreach (var match in found)
        {
            context.Printer.Json(ChipLine.Of(match), CliJsonContext.Lines.ChipLine);
        }

        if (!context.Printer.IsJson)
        {
            Print(context.Printer, found, isOne);
        }

        return context.Done();
    }

    private static void Print(Printer printer, ImmutableArray<ChipMatch> found, bool isOne)
    {
        if (isOne)
        {
            foreach (var line in ChipText.Of(found[0], BoardDatabase.Default.WithChip(found[0].Chip.Id)))
            {
                printer.Data(line);
            }
        }
        else
        {
            Tables.Print(printer, ["CHIP", "ID", "CORE", "FLASH", "RAM", "USB DFU"], [.. found.Select(ChipText.Row)]);
        }
    }
}
