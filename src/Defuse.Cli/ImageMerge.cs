using System.Collections.Immutable;
using System.Globalization;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli;

/// <summary>Makes one image of several, or of parts.</summary>
internal static class ImageMerge
{
    /// <summary>The parts of an image that lie in the ranges; all of it where there are none.</summary>
    public static FirmwareImage Keep(FirmwareImage image, ImmutableArray<AddressRange> ranges)
    {
        if (ranges.Length < 2)
        {
            return ranges.IsEmpty ? image : image.Slice(ranges[0]);
        }

        var builder = new FirmwareImageBuilder();
        foreach (var range in ranges)
        {
            builder.Add(image.Slice(range));
        }

        return builder.Build();
    }

    /// <summary>All that the images hold.</summary>
    /// <exception cref="ImageConflictException">Two of them want different bytes at one address.</exception>
    public static FirmwareImage Merge(IReadOnlyList<(string Name, FirmwareImage Image)> parts)
    {
        if (parts.Count == 1)
        {
            return parts[0].Image;
        }

        var builder = new FirmwareImageBuilder((int)Math.Min(parts.Sum(x => x.Image.ByteCount), Array.MaxLength));
        foreach (var (_, image) in parts)
        {
            builder.Add(image);
        }

        try
        {
            return builder.Build();
        }
        catch (ImageConflictException e) when (e.Address is { } address)
        {
            throw Named(parts, address);
        }
    }

    /// <summary>The image with a byte wherever it has none.</summary>
    /// <param name="image">The image; not empty.</param>
    /// <param name="ranges">Where; between its first and its last byte, if there are none.</param>
    /// <param name="value">The byte.</param>
    /// <exception cref="FirmwareFormatException">It would be more than any firmware has.</exception>
    public static FirmwareImage Fill(FirmwareImage image, ImmutableArray<AddressRange> ranges, byte value)
    {
        foreach (var range in ranges.IsEmpty ? [image.Extent!.Value] : ranges)
        {
            if (range.Length > BinaryFormat.MaxSize)
            {
                throw new FirmwareFormatException(
                    FirmwareFormatErrorKind.TooLarge,
                    string.Create(CultureInfo.InvariantCulture, $"{range} has {range.Length:N0} bytes, more than are filled"),
                    "fill the part that is needed, with --range START+LENGTH",
                    address: range.Start);
            }

            image = image.Fill(range, value);
        }

        return image;
    }

    // The builder knows bytes, and no files.
    private static ImageConflictException Named(IReadOnlyList<(string Name, FirmwareImage Image)> parts, uint address)
    {
        var there = parts.Select(x => (x.Name, Segment: x.Image.Segments.FirstOrDefault(segment => segment.Range.Contains(address))))
            .Where(x => x.Segment is not null)
            .Select(x => (x.Name, x.Segment!.Range, Byte: x.Segment.Data.Span[(int)(address - x.Segment.Range.Start)]))
            .ToList();
        var first = there[0];
        var second = there.First(x => x.Byte != first.Byte);
        return new ImageConflictException(
            first.Range,
            second.Range,
            address,
            first.Byte,
            second.Byte,
            first.Name,
            second.Name,
            "leave one of the two out, or keep what does not overlap with --range START+LENGTH");
    }
}
