using System.Text.RegularExpressions;
using Defuse.Devices;

namespace Defuse.DataCompiler;

/// <summary>The boards: data/boards.</summary>
internal static partial class BoardRecords
{
    private static readonly string[] Single =
        ["aliases", "vendor", "part", "mbed", "probe", "serial", "usb", "socket", "usb-wires", "boot0", "boot1", "restart", "needs", "condition", "obstacle", "dfu", "clock", "notes", "source", "confidence"];

    private static readonly string[] Several = ["bootloader"];

    private static readonly string[] Needed = ["vendor", "part", "source", "confidence"];

    public static List<BoardProfile> Read(DataFolder folder, ChipRecords chips, Sources sources, Problems problems)
    {
        var boards = new List<BoardProfile>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var numbers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var record in folder.FilesIn("boards").SelectMany(x => Record.Read(folder.Lines(x), "board", Single, Several, problems)))
        {
            foreach (var key in Needed.Where(x => record.Find(x) is null))
            {
                problems.Add(record.Heading, $"{record.Title} has no {key}");
            }

            var aliases = record.Find("aliases")?.Value.Split(',', StringSplitOptions.TrimEntries) ?? [];
            foreach (var name in aliases.Prepend(record.Title))
            {
                if (!names.TryAdd(Letters(name), record.Title))
                {
                    problems.Add(record.Heading, $"'{name}' is a name of {names[Letters(name)]} already");
                }
            }

            if (record.Find("mbed") is { } mbed && (!FourDigits().IsMatch(mbed.Value) || !numbers.Add(mbed.Value)))
            {
                problems.Add(mbed.Line, $"mbed number {mbed.Value} is not four digits, or there twice");
            }

            if (Needed.All(x => record.Find(x) is not null) && Board(record, aliases, chips, sources, problems) is { } board)
            {
                boards.Add(board);
            }
        }

        return boards;
    }

    private static BoardProfile? Board(Record record, string[] aliases, ChipRecords chips, Sources sources, Problems problems)
    {
        var part = record.Find("part")!;
        if (chips.Part(part.Value) is not { } found)
        {
            problems.Add(part.Line, $"there is no part {part.Value}");
            return null;
        }

        var confidence = record.Find("confidence")!;
        if (confidence.Value is not ("confirmed" or "check"))
        {
            problems.Add(confidence.Line, "confidence is confirmed or check");
        }

        var source = record.Find("source")!;
        return new BoardProfile
        {
            Name = record.Title,
            Aliases = [.. aliases],
            Vendor = record.Find("vendor")!.Value,
            Part = part.Value,
            ChipId = found.Chip,
            MbedId = record.Find("mbed")?.Value,
            Probe = record.Find("probe")?.Value,
            SerialPort = record.Find("serial")?.Value,
            UserUsb = record.Find("usb")?.Value,
            UserSocket = record.Find("socket")?.Value,
            UsbWires = Wires(record, problems),
            DfuObstacle = record.Find("obstacle")?.Value,
            DfuByHand = BootRecords.Read(record, problems),
            EnterDfuText = record.Find("dfu")?.Value,
            Clock = record.Find("clock")?.Value,
            Notes = record.Find("notes")?.Value,
            Bootloaders = [.. record.All("bootloader").Select(x => Bootloader(x, found.Flash, sources, problems)).OfType<BoardBootloader>()],
            Source = sources.Describe(source.Line, source.Value, "source"),
            IsConfirmed = confidence.Value is "confirmed",
        };
    }

    private static BoardBootloader? Bootloader(Entry entry, long flash, Sources sources, Problems problems)
    {
        if (entry.Value.Split(' ', 2) is [var where, var name] && Figures.Range(where) is { } range && range.Start >= 0x08000000 && range.End <= 0x08000000 + flash)
        {
            return new BoardBootloader(name, range, sources.Describe(entry.Line, entry.Sources, "bootloader"));
        }

        problems.Add(entry.Line, "a bootloader is 'ADDRESS+SIZE NAME', inside the part's flash");
        return null;
    }

    private static UsbWires? Wires(Record record, Problems problems)
    {
        if (record.Find("usb-wires") is not { } entry)
        {
            return null;
        }

        if (record.Find("usb") is null && entry.Value.Split(' ') is [var minus, var plus])
        {
            return new UsbWires(minus, plus);
        }

        problems.Add(entry.Line, "usb-wires is 'D- D+', of a board without usb");
        return null;
    }

    private static string Letters(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit).Select(char.ToUpperInvariant));

    [GeneratedRegex("^[0-9A-F]{4}$")]
    private static partial Regex FourDigits();
}
