using Defuse.Devices;

namespace Defuse.Cli.Output;

/// <summary>A board that is known, for people.</summary>
internal static class BoardText
{
    private const int StepIndent = 3;

    public static string[] Row(BoardProfile board, ChipProfile? chip) =>
        [board.Name, board.Part, board.Vendor, chip is null ? "not known" : Impossible(board) ? "no" : ChipText.UsbDfu(chip)];

    private static bool IsStep(string value) => value is [>= '1' and <= '9', '.', ' ', ..];

    private static bool Impossible(BoardProfile board) => board.EnterDfu?.StartsWith("not possible", StringComparison.OrdinalIgnoreCase) == true;

    public static IEnumerable<string> Of(BoardProfile board, ChipMatch? match)
    {
        yield return $"{board.Name}, {board.Vendor}";
        var chip = match is null ? "" : $", {Texts.Size(match.FlashBytes ?? 0)} flash; defuse chips {board.Part} tells more";
        (string Name, string? Value)[] fields =
        [
            ("Chip", board.Part + chip),
            ("Also called", board.Aliases.IsEmpty ? null : string.Join(", ", board.Aliases)),
            .. Steps(board, match),
            ("", match is { Chip.UsbDfu.Presence: UsbDfuPresence.No } ? $"this chip's ROM has no USB DFU: {match.Chip.UsbDfu.Evidence}" : null),
            ("USB socket", board.UserUsb),
            ("Debug probe", board.Probe is null ? null : $"{board.Probe}{(board.MbedId is { } id ? $", board id {id}" : "")}"),
            ("Serial port", board.SerialPort),
            ("Clock", board.Clock),
            ("Bootloader", board.Bootloaders.IsEmpty ? null : string.Join("; ", board.Bootloaders.Select(x => $"{x.Name} at {x.Range}"))),
            ("Notes", board.Notes),
            ("From", $"{board.Source} ({board.Confidence})"),
        ];
        foreach (var (name, value) in fields)
        {
            foreach (var line in value is null ? [] : Fields.Wrap(name, value, IsStep(value) ? StepIndent : 0))
            {
                yield return line;
            }
        }

        var drawing = BoardDrawing.Draw(board);
        if (!drawing.IsEmpty)
        {
            yield return "";
            foreach (var line in drawing)
            {
                yield return line.Length == 0 ? line : "  " + line;
            }
        }

        if (match is { Part: { } part })
        {
            yield return "";
            var boxes = ChipText.Boxes(match.Chip, part, match.Chip.LayoutsFor(part)[0]);
            foreach (var line in MemoryDrawing.Draw(boxes))
            {
                yield return line.Length == 0 ? line : "  " + line;
            }
        }
    }

    private static IEnumerable<(string Name, string? Value)> Steps(BoardProfile board, ChipMatch? match) => board switch
    {
        { DfuSteps: { IsEmpty: false } steps } => steps.Select((x, i) => (i == 0 ? "Enter DFU" : "", (string?)$"{i + 1}. {x}")),
        { EnterDfu: { } text } => [("Enter DFU", text)],
        _ when match is { Chip.UsbDfu.Presence: UsbDfuPresence.Yes } => [("Enter DFU", "not known for this board; usually BOOT0 high at reset, with the chip's own USB connected: check its manual")],
        _ => [],
    };
}
