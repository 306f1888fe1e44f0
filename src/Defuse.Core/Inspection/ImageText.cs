using System.Text;
using System.Text.RegularExpressions;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>The texts of an image, looked up by the markers that one pass has found.</summary>
internal sealed class ImageText
{
    private const int MostBefore = 64;
    private const int MostBehind = 320;
    private const int LongestShape = 40;
    private const int MostCodeBefore = 6;

    // A 2 MB image has some ten thousand strings.
    private const int MostStrings = 200_000;

    private readonly Dictionary<string, List<TextPlace>> _places;

    public ImageText(FirmwareImage image, MarkerScan scan)
    {
        Image = image;
        var places = scan.Markers.Select(_ => new List<TextPlace>()).ToArray();
        for (var i = 0; i < image.Segments.Length; i++)
        {
            var segment = i;
            scan.Run(image.Segments[i].Data.Span, (marker, offset) =>
            {
                if (places[marker].Count < MarkerScan.MostHits)
                {
                    places[marker].Add(new TextPlace(segment, offset));
                }
            });
        }

        _places = new(StringComparer.Ordinal);
        for (var i = 0; i < places.Length; i++)
        {
            _places.Add(scan.Markers[i], places[i]);
        }
    }

    public FirmwareImage Image { get; }

    /// <summary>Where a marker stands, in order.</summary>
    public IReadOnlyList<TextPlace> Places(string marker) => _places[marker];

    public uint AddressOf(TextPlace place) => (uint)(Image.Segments[place.Segment].Range.Start + place.Offset);

    public ReadOnlySpan<byte> From(TextPlace place) => Image.Segments[place.Segment].Data.Span[place.Offset..];

    /// <summary>The printable text around a place, line ends included, cut where it gets long.</summary>
    /// <param name="place">The place.</param>
    /// <param name="start">Where the text starts.</param>
    public string Around(TextPlace place, out TextPlace start)
    {
        var data = Image.Segments[place.Segment].Data.Span;
        var first = place.Offset;
        while (first > 0 && place.Offset - first < MostBefore && IsText(data[first - 1]))
        {
            first--;
        }

        var end = place.Offset;
        while (end < data.Length && end - place.Offset < MostBehind && IsText(data[end]))
        {
            end++;
        }

        start = place with { Offset = first };
        return Encoding.Latin1.GetString(data[first..end]);
    }

    /// <summary>How many of a text's first characters may be code that happens to be printable, each way to see it.</summary>
    /// <param name="start">Where the printable text starts.</param>
    public IEnumerable<int> CodeBefore(TextPlace start)
    {
        yield return 0;

        // Linkers align strings to four bytes, right behind whatever there is.
        for (var skip = 1; skip <= MostCodeBefore; skip++)
        {
            if ((AddressOf(start) + skip) % 4 == 0)
            {
                yield return skip;
            }
        }
    }

    /// <summary>Whether a marker is a string of its own: closed by a zero byte, and not the end of a longer one.</summary>
    public bool IsWhole(TextPlace place, int length)
    {
        var data = Image.Segments[place.Segment].Data.Span;
        var end = place.Offset + length;
        if (end >= data.Length || data[end] != 0)
        {
            return false;
        }

        var before = 0;
        while (before < place.Offset && before <= MostCodeBefore && IsCharacter(data[place.Offset - before - 1]))
        {
            before++;
        }

        return before == 0 || (before <= MostCodeBefore && AddressOf(place) % 4 == 0);
    }

    /// <summary>The first place where a marker is a string of its own, or null.</summary>
    public TextPlace? Whole(string marker)
    {
        foreach (var place in Places(marker))
        {
            if (IsWhole(place, marker.Length))
            {
                return place;
            }
        }

        return null;
    }

    /// <summary>The text that all strings of a shape have; null if there is none, or if two differ.</summary>
    /// <param name="shape">What the whole string has to match; at most 40 characters long.</param>
    public string? OnlyString(Regex shape)
    {
        string? only = null;
        var strings = 0;
        Span<char> characters = stackalloc char[LongestShape];
        for (var number = 0; number < Image.Segments.Length; number++)
        {
            var data = Image.Segments[number].Data.Span;
            for (var i = 0; i < data.Length; i++)
            {
                var start = i;
                while (i < data.Length && IsCharacter(data[i]))
                {
                    i++;
                }

                var length = i - start;
                if (length is < 3 or > LongestShape || i == data.Length || data[i] != 0)
                {
                    continue;
                }

                if (strings++ == MostStrings)
                {
                    return null;
                }

                Encoding.Latin1.GetChars(data.Slice(start, length), characters);
                foreach (var skip in CodeBefore(new TextPlace(number, start)))
                {
                    if (skip >= length || !shape.IsMatch(characters[skip..length]))
                    {
                        continue;
                    }

                    var text = characters[skip..length].ToString();
                    if (only is not null && !string.Equals(only, text, StringComparison.Ordinal))
                    {
                        return null;
                    }

                    only = text;
                    break;
                }
            }
        }

        return only;
    }

    private static bool IsCharacter(byte value) => value is >= 0x20 and < 0x7F;

    private static bool IsText(byte value) => IsCharacter(value) || value is (byte)'\t' or (byte)'\r' or (byte)'\n';
}
