using System.Globalization;
using Defuse.Devices;

namespace Defuse.DataCompiler;

/// <summary>The USB ids: data/usb-ids.txt.</summary>
internal static class UsbIdRecords
{
    private static readonly Dictionary<string, UsbIdKind> Kinds = new(StringComparer.Ordinal)
    {
        ["dfu"] = UsbIdKind.DfuBootloader,
        ["probe"] = UsbIdKind.Probe,
        ["program"] = UsbIdKind.Program,
        ["serial-adapter"] = UsbIdKind.SerialAdapter,
        ["drive"] = UsbIdKind.DriveBootloader,
        ["stranger"] = UsbIdKind.Stranger,
    };

    public static List<UsbIdRow> Read(DataFolder folder, Sources sources, Problems problems)
    {
        var rows = new List<UsbIdRow>();
        foreach (var line in folder.Lines("usb-ids.txt"))
        {
            if (line.Cells is not [var id, var kind, { Length: > 0 } name, var texts, var source] || line.Text.Contains('\t', StringComparison.Ordinal))
            {
                problems.Add(line, "a USB id is 'VID:PID | kind | name | texts or - | sources', without tabs");
                continue;
            }

            var (vendor, product) = Ids(line, id, problems);
            var (manufacturerText, productText) = Texts(line, texts, problems);
            var (what, program) = Kind(line, kind, problems);
            var row = new UsbIdRow(vendor, product, manufacturerText, productText, new UsbIdEntry(what, name, program, sources.Describe(line, source, name)));
            if (row.Weight == 0)
            {
                problems.Add(line, $"{name} says of no device that it is one");
            }

            if (rows.Exists(x => IsSame(x, row)))
            {
                problems.Add(line, $"there is a row for the same devices as {name} already");
            }

            rows.Add(row);
        }

        return rows;
    }

    private static bool IsSame(UsbIdRow one, UsbIdRow other) =>
        (one.VendorId, one.ProductId) == (other.VendorId, other.ProductId)
        && string.Equals(one.Manufacturer, other.Manufacturer, StringComparison.OrdinalIgnoreCase)
        && string.Equals(one.Product, other.Product, StringComparison.OrdinalIgnoreCase);

    private static (ushort? Vendor, ushort? Product) Ids(DataLine line, string text, Problems problems)
    {
        if (text.Split(':') is [var vendor, var product] && IsId(vendor) && IsId(product) && (vendor != "*" || product == "*"))
        {
            return (Id(vendor), Id(product));
        }

        problems.Add(line, $"ids are 'VID:PID' in capital hexadecimal digits, 'VID:*' or '*:*', not '{text}'");
        return default;
    }

    private static bool IsId(string text) => text == "*" || (text.Length == 4 && text.All(x => char.IsAsciiDigit(x) || x is >= 'A' and <= 'F'));

    private static ushort? Id(string text) => text == "*" ? null : ushort.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static (string? Manufacturer, string? Product) Texts(DataLine line, string cell, Problems problems)
    {
        const string manufacturer = "manufacturer ";
        const string product = "product ";
        string? maker = null;
        string? thing = null;
        foreach (var part in cell == "-" ? [] : cell.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith(manufacturer, StringComparison.Ordinal) && maker is null)
            {
                maker = part[manufacturer.Length..].Trim();
            }
            else if (part.StartsWith(product, StringComparison.Ordinal) && thing is null)
            {
                thing = part[product.Length..].Trim();
            }
            else
            {
                problems.Add(line, $"texts are 'manufacturer TEXT', 'product TEXT', both with a comma between, or '-', not '{cell}'");
            }
        }

        return (maker, thing);
    }

    private static (UsbIdKind Kind, ProgramKind? Program) Kind(DataLine line, string cell, Problems problems)
    {
        var words = cell.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isProgram = words is ["program", _];
        ProgramKind? program = isProgram && Enum.GetNames<ProgramKind>().Contains(words[1], StringComparer.Ordinal) ? Enum.Parse<ProgramKind>(words[1]) : null;
        if (words.Length == 0 || !Kinds.TryGetValue(words[0], out var kind) || (kind == UsbIdKind.Program) != isProgram || words.Length > (isProgram ? 2 : 1) || (isProgram && program is null))
        {
            problems.Add(line, $"a kind is one of {string.Join(", ", Kinds.Keys)}, and a program's has one of {string.Join(", ", Enum.GetNames<ProgramKind>())} behind it, not '{cell}'");
            return default;
        }

        return (kind, program);
    }
}
