using System.Collections.Immutable;
using System.CommandLine;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Devices;

namespace Defuse.Cli.Commands;

/// <summary>defuse boards.</summary>
internal static class BoardsCommand
{
    public static Command Create(CommandRunner runner) => new LookUp<BoardProfile>
    {
        Name = "boards",
        Description = "List the boards that are known, search them, or show one and how it enters DFU mode.",
        Word = "BOARD",
        WordDescription = "A board's name or a part of it, its maker, its chip, or the four digits that its ST-LINK reports. Without it, all boards.",
        Examples =
        [
            ("All of them", "defuse boards"),
            ("Those with a chip", "defuse boards STM32F4"),
            ("One, with how it enters DFU mode", "defuse boards nucleo-f767zi"),
        ],
        Find = Find,
        Advice = _ => "defuse boards lists all; defuse list shows the boards that are connected",
        Json = (printer, board) => printer.Json(KnownBoardLine.Of(board), CliJsonContext.Lines.KnownBoardLine),
        Text = board => BoardText.Of(board, ChipDatabase.Default.FindPart(board.Part)),
        Columns = ["BOARD", "CHIP", "MAKER", "USB DFU"],
        Row = board => BoardText.Row(board, ChipDatabase.Default.FindId(board.ChipId)),
    }.Create(runner);

    // "0x413" and "STM32F103C8T6" are what a chip is called, and not the board.
    private static ImmutableArray<BoardProfile> Find(string text) => BoardDatabase.Default.Find(text) is { IsEmpty: false } found
        ? found
        : [.. ChipDatabase.Default.Find(text).SelectMany(x => BoardDatabase.Default.WithChip(x.Chip.Id).Where(y => x.Part is null || y.Part == x.Part.Name))];
}
