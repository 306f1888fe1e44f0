using System.CommandLine;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Devices;

namespace Defuse.Cli.Commands;

/// <summary>defuse chips.</summary>
internal static class ChipsCommand
{
    public static Command Create(CommandRunner runner) => new LookUp<ChipMatch>
    {
        Name = "chips",
        Description = "List the chips that are known, search them, or show one with its memory.",
        Word = "CHIP",
        WordDescription = "A part number or its beginning (STM32F767ZI, f401xc), a family, a core or a chip id. Without it, all chips.",
        Examples =
        [
            ("All of them", "defuse chips"),
            ("A family", "defuse chips stm32g4"),
            ("One part, with its sectors and memories", "defuse chips STM32F767ZI"),
            ("By the id that a debugger reads", "defuse chips 0x451"),
        ],
        Find = ChipDatabase.Default.Find,
        Advice = text => BoardDatabase.Default.Find(text).IsEmpty
            ? "give a part number or its beginning, such as STM32F4; defuse chips lists all"
            : $"a board is called that: defuse boards {text}",
        Json = (printer, match) => printer.Json(ChipLine.Of(match), CliJsonContext.Lines.ChipLine),
        Text = match => ChipText.Of(match, BoardDatabase.Default.WithChip(match.Chip.Id)),
        Columns = ["CHIP", "ID", "CORE", "FLASH", "RAM", "USB DFU"],
        Row = ChipText.Row,
    }.Create(runner);
}
