using System.Collections.Immutable;
using System.Globalization;
using Defuse.Images;

namespace Defuse.Cli.Output;

/// <summary>How two firmware files differ, for people.</summary>
internal static class DifferenceText
{
    private const int MostRanges = 20;

    /// <summary>What the comparison found, in half a sentence.</summary>
    public static string Summary(ImageComparison comparison)
    {
        var differing = comparison.CountBytes(ImageDifferenceKind.Differs);
        var first = comparison.CountBytes(ImageDifferenceKind.OnlyInFirst);
        var second = comparison.CountBytes(ImageDifferenceKind.OnlyInSecond);
        return string.Join(", ", new[]
        {
            differing == 0 ? null : $"{Texts.Bytes(differing)} {(differing == 1 ? "differs" : "differ")}",
            first == 0 ? null : $"{Texts.Bytes(first)} {Are(first)} only in A",
            second == 0 ? null : $"{Texts.Bytes(second)} {Are(second)} only in B",
        }.OfType<string>());
    }

    /// <summary>The ranges, the first of them.</summary>
    public static IEnumerable<string> Ranges(ImageComparison comparison)
    {
        // One line too many is not worth a line that says so.
        var all = comparison.Differences;
        var shown = all.Length <= MostRanges + 1 ? all.Length : MostRanges;
        var lines = Texts.Align([.. all.Take(shown).Select(x => new[] { x.Range.ToString(), Texts.Bytes(x.Range.Length), Meaning(x) })], "  ");
        return shown == all.Length ? lines : lines.Append($"  and {Texts.Count(all.Length - shown, "more range")}; --json lists them all");
    }

    /// <summary>What it means that only padding differs.</summary>
    public static string Padding(ImageComparison comparison)
    {
        var values = comparison.Differences.Select(x => x.Padding).Distinct().ToList();
        var (what, where) = values.Count > 1 ? ("0xFF or 0x00", "")
            : values[0] == 0xFF ? ("0xFF", " on most chips")
            : ("0x00", " on STM32L0 and L1");
        return $"Only padding differs: what one file has more is all {what}, which is what erased flash holds{where}.";
    }

    /// <summary>The first bytes that differ, each row with A's bytes, and of B's those that are others.</summary>
    public static IEnumerable<ImmutableArray<(string Text, Ink Ink)>> Hex(ImageComparison comparison, FirmwareImage first, FirmwareImage second)
    {
        var rows = HexRow.FirstOf(comparison, first, second, out var rest);
        foreach (var row in rows)
        {
            foreach (var line in row.Lines())
            {
                yield return line;
            }
        }

        if (rest is { } range)
        {
            yield return [($"and more; --range 0x{range.Start:X8}+{range.Length.ToString(CultureInfo.InvariantCulture)} shows what comes next", Ink.None)];
        }
    }

    private static string Meaning(ImageDifference difference) => difference switch
    {
        { Kind: ImageDifferenceKind.Differs } when difference.ByteCount == difference.Range.Length => difference.ByteCount == 1 ? "differs" : "differ",
        { Kind: ImageDifferenceKind.Differs } => $"{difference.ByteCount.ToString("N0", CultureInfo.InvariantCulture)} of them differ",
        { Kind: ImageDifferenceKind.OnlyInFirst } => "only in A" + Filled(difference.Padding),
        _ => "only in B" + Filled(difference.Padding),
    };

    private static string Filled(byte? padding) => padding is { } value ? $", all 0x{value:X2}" : "";

    private static string Are(long count) => count == 1 ? "is" : "are";
}
