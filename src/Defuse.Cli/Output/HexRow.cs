using System.Collections.Immutable;
using System.Globalization;
using Defuse.Images;

namespace Defuse.Cli.Output;

/// <summary>Sixteen addresses of two images; null where an image has no byte.</summary>
internal sealed class HexRow(uint address, ImmutableArray<byte?> first, ImmutableArray<byte?> second)
{
    private const int Width = 16;
    private const int MostRows = 16;
    private const int MostRowsOfOne = 4;

    /// <summary>The rows with the first differences, a few of each.</summary>
    /// <param name="comparison">The differences.</param>
    /// <param name="first">One image.</param>
    /// <param name="second">The other.</param>
    /// <param name="rest">The first difference, or part of one, that there is no row for.</param>
    public static IReadOnlyList<HexRow> FirstOf(ImageComparison comparison, FirmwareImage first, FirmwareImage second, out AddressRange? rest)
    {
        var rows = new List<HexRow>();
        rest = null;
        long next = 0;
        foreach (var difference in comparison.Differences)
        {
            var ofThis = 0;
            for (var at = Math.Max(next, difference.Range.Start & ~(Width - 1L)); at < difference.Range.End; at += Width)
            {
                if (rows.Count == MostRows || ofThis == MostRowsOfOne)
                {
                    rest ??= AddressRange.FromBounds(Math.Max(at, difference.Range.Start), difference.Range.End);
                    break;
                }

                var row = new HexRow((uint)at, Read(first, at), Read(second, at));
                next = at + Width;

                // Within one difference, a row may be equal.
                if (!row.IsEqual)
                {
                    rows.Add(row);
                    ofThis++;
                }
            }

            if (rows.Count == MostRows && rest is not null)
            {
                break;
            }
        }

        return rows;
    }

    private bool IsEqual => first.SequenceEqual(second);

    /// <summary>A's bytes, and under them those of B that are others.</summary>
    public IEnumerable<ImmutableArray<(string Text, Ink Ink)>> Lines()
    {
        var hasFirst = first.Any(x => x is not null);
        if (hasFirst)
        {
            yield return Line($"0x{address:X8} A", first, Ink.First, isWhole: true);
        }

        if (second.Any(x => x is not null))
        {
            yield return Line(hasFirst ? "           B" : $"0x{address:X8} B", second, Ink.Second, isWhole: !hasFirst);
        }
    }

    private static ImmutableArray<byte?> Read(FirmwareImage image, long start)
    {
        Span<byte> one = stackalloc byte[1];
        var bytes = ImmutableArray.CreateBuilder<byte?>(Width);
        for (var i = 0; i < Width; i++)
        {
            bytes.Add(image.TryRead((uint)(start + i), one) ? one[0] : null);
        }

        return bytes.MoveToImmutable();
    }

    private ImmutableArray<(string Text, Ink Ink)> Line(string label, ImmutableArray<byte?> bytes, Ink ink, bool isWhole)
    {
        var hex = new List<(string, Ink)> { (label + " ", Ink.None) };
        var text = new List<(string, Ink)> { ("  ", Ink.None) };
        for (var i = 0; i < Width; i++)
        {
            var differs = first[i] != second[i];
            var (digits, character) = !differs && !isWhole ? ("  ", ' ')
                : bytes[i] is { } value ? (value.ToString("x2", CultureInfo.InvariantCulture), value is >= 0x20 and < 0x7F ? (char)value : '.')
                : differs ? ("--", ' ')
                : ("  ", ' ');
            hex.Add((i % 8 == 0 ? "  "[(i == 0 ? 1 : 0)..] : " ", Ink.None));
            hex.Add((digits, differs ? ink : Ink.None));
            text.Add((character.ToString(), differs ? ink : Ink.None));
        }

        return [.. hex, .. text];
    }
}
