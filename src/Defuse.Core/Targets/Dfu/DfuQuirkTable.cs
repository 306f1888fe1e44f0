using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Targets.Dfu;

/// <summary>The quirks that come with Defuse, as eng/Defuse.DataCompiler makes them of data/quirks.txt.</summary>
/// <remarks>
/// One quirk a line, cells between tabs: name, USB ids, releases, products, serials, layouts, chips, effect, figures;
/// several of a cell are between vertical bars, numbers are hexadecimal.
/// </remarks>
internal static class DfuQuirkTable
{
    private const string Resource = "Defuse.Targets.Dfu.quirks.tsv";

    private static readonly Lazy<ImmutableArray<DfuQuirk>> Loaded = new(Load);

    /// <summary>Them, read when they are first asked for.</summary>
    public static ImmutableArray<DfuQuirk> Shipped => Loaded.Value;

    public static string Write(IEnumerable<DfuQuirk> quirks) => string.Concat(quirks.Select(x => string.Join(
        '\t',
        x.Name,
        Cell(x.UsbIds, y => y.ToString("X8", CultureInfo.InvariantCulture)),
        Cell(x.Releases, y => y.ToString("X4", CultureInfo.InvariantCulture)),
        Cell(x.Products, y => y.ToString()),
        Cell(x.Serials, y => y.ToString()),
        Cell(x.Layouts, y => y.ToString()),
        Cell(x.Chips, y => y.ToString("X3", CultureInfo.InvariantCulture)),
        x.Effect.ToString(),
        Cell(x.Figures, y => y)) + "\n"));

    public static ImmutableArray<DfuQuirk> Read(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(x => Quirk(x.Split('\t')))];

    private static DfuQuirk Quirk(string[] cells) => new()
    {
        Name = cells[0],
        UsbIds = Items(cells[1], x => uint.Parse(x, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)),
        Releases = Items(cells[2], x => ushort.Parse(x, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)),
        Products = Items(cells[3], x => DfuTextMatch.Parse(x)!.Value),
        Serials = Items(cells[4], x => DfuTextMatch.Parse(x)!.Value),
        Layouts = Items(cells[5], x => DfuTextMatch.Parse(x)!.Value),
        Chips = Items(cells[6], x => ushort.Parse(x, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)),
        Effect = Enum.Parse<DfuQuirkEffect>(cells[7]),
        Figures = Items(cells[8], x => x),
    };

    private static string Cell<T>(ImmutableArray<T> items, Func<T, string> text) => string.Join('|', items.Select(text));

    private static ImmutableArray<T> Items<T>(string cell, Func<string, T> item) =>
        cell.Length == 0 ? [] : [.. cell.Split('|').Select(item)];

    private static ImmutableArray<DfuQuirk> Load()
    {
        using var stream = typeof(DfuQuirkTable).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the assembly lacks its resource {Resource}");
        using var reader = new StreamReader(stream);
        return Read(reader.ReadToEnd());
    }
}
