using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Defuse.Compatibility;

/// <summary>The table of docs/compatibility.md.</summary>
internal static partial class Table
{
    private const string Head =
        """
        # Compatibility

        Every simulated board by row, what a tool does with it by column, Defuse above and dfu-util 0.11 below. Made in the
        virtual machine (eng/usb-vm) by `compatibility.sh`: both come to the same boards through libusb and the Linux
        kernel's USB stack. CI makes it again and fails where it differs.

        A cell says what became of the chip, looked at from behind, and not what the tool says of it. Old firmware was on the chip;
        "yes" also means that no sector outside the image was touched. "–": the tool or the device has no such thing. The image
        has 5,003 bytes, which is no whole number of program units: Defuse pads the last one, dfu-util does not.
        A board that comes back as its bootloader, instead of starting, is not attached again over USB/IP: Defuse cannot see it there.
        None of this was seen on hardware.

        """;

    public static string Render(IReadOnlyList<(Row Row, ImmutableDictionary<(string Tool, Operation Operation), Verdict> Cells)> rows, IReadOnlyList<ITool> tools, ITool impatient)
    {
        var text = new StringBuilder(Head.ReplaceLineEndings("\n"));
        var notes = new List<string>();
        text.Append("\n| board | tool | ").AppendJoin(" | ", Enum.GetValues<Operation>().Select(Title)).Append(" |\n|---|---|");
        text.Append(string.Concat(Enumerable.Repeat("---|", Enum.GetValues<Operation>().Length))).Append('\n');
        foreach (var (row, cells) in rows)
        {
            foreach (var tool in tools)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {(tool == tools[0] ? $"`{row.Title}`" : "")} | {tool.Name} |");
                foreach (var operation in Enum.GetValues<Operation>())
                {
                    var verdict = cells[(tool.Name, operation)];
                    text.Append(CultureInfo.InvariantCulture, $" {verdict.Word}{(verdict.Note is { } note ? $" ({Number(notes, note)})" : "")} |");
                }

                text.Append('\n');
            }
        }

        text.Append("\n## In pydfu's order\n\nA script of ours (`impatient.py`, python3-usb) erases the chip, writes with an address before every block, and leaves, as MicroPython's\n")
            .Append("pydfu does: it never waits where the device says how long. Boards with memory only.\n\n| board | erase chip, flash, leave |\n|---|---|\n");
        foreach (var (row, cells) in rows.Where(x => !x.Row.TakesWholeImages))
        {
            var verdict = cells[(impatient.Name, Operation.Start)];
            text.Append(CultureInfo.InvariantCulture, $"| `{row.Title}` | {verdict.Word}{(verdict.Note is { } note ? $" ({Number(notes, note)})" : "")} |\n");
        }

        if (notes.Count > 0)
        {
            text.Append("\nWhat the tools said:\n\n");
            text.AppendJoin("", notes.Select((x, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {x}\n")));
        }

        return text.ToString();
    }

    /// <summary>What a table says of each board, without the numbers of its notes.</summary>
    public static ImmutableDictionary<string, string> Parse(string text)
    {
        var boards = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var title = "";
        foreach (var line in text.Split('\n').Where(x => x.StartsWith("| `", StringComparison.Ordinal) || x.StartsWith("|  |", StringComparison.Ordinal)).Select(x => NoteNumber().Replace(x, "")))
        {
            title = line.StartsWith("| `", StringComparison.Ordinal) ? line.Split('`')[1] : title;
            boards[title] = $"{boards.GetValueOrDefault(title)}{line}\n";
        }

        return boards.ToImmutable();
    }

    [GeneratedRegex(@" \([0-9]+\)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoteNumber();

    private static int Number(List<string> notes, string note)
    {
        if (!notes.Contains(note))
        {
            notes.Add(note);
        }

        return notes.IndexOf(note) + 1;
    }

    private static string Title(Operation operation) => operation switch
    {
        Operation.List => "list",
        Operation.Flash => "flash .bin",
        Operation.FlashDfu => "flash .dfu",
        Operation.Read => "read",
        Operation.ReadOthers => "read what the other wrote",
        Operation.EraseSector => "erase sector",
        Operation.EraseChip => "erase chip",
        Operation.Start => "flash, start",
        _ => "unprotect",
    };
}
