using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Devices;

/// <summary>The USB ids that come with Defuse, as eng/Defuse.DataCompiler makes them of data/usb-ids.txt.</summary>
/// <remarks>One row a line, cells between tabs: idVendor, idProduct, manufacturer, product (each empty for any), kind, program, name, source.</remarks>
internal static class UsbIdTable
{
    private const string Resource = "Defuse.Devices.Data.usb-ids.tsv";

    public static string Write(IEnumerable<UsbIdRow> rows) => string.Concat(rows.Select(x => string.Join(
        '\t',
        x.VendorId?.ToString("X4", CultureInfo.InvariantCulture),
        x.ProductId?.ToString("X4", CultureInfo.InvariantCulture),
        x.Manufacturer,
        x.Product,
        x.Entry.Kind.ToString(),
        x.Entry.Program?.ToString(),
        x.Entry.Name,
        x.Entry.Source) + "\n"));

    public static ImmutableArray<UsbIdRow> Read(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(x => Row(x.TrimEnd('\r').Split('\t')))];

    public static ImmutableArray<UsbIdRow> Load()
    {
        using var stream = typeof(UsbIdTable).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the assembly lacks its resource {Resource}");
        using var reader = new StreamReader(stream);
        return Read(reader.ReadToEnd());
    }

    private static UsbIdRow Row(string[] cells) => new(
        Id(cells[0]),
        Id(cells[1]),
        Text(cells[2]),
        Text(cells[3]),
        new UsbIdEntry(Enum.Parse<UsbIdKind>(cells[4]), cells[6], cells[5].Length == 0 ? null : Enum.Parse<ProgramKind>(cells[5]), cells[7]));

    private static ushort? Id(string cell) => cell.Length == 0 ? null : ushort.Parse(cell, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static string? Text(string cell) => cell.Length == 0 ? null : cell;
}
