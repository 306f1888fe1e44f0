using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Bytes as they lie in memory, without an address.</summary>
public static class BinaryFormat
{
    /// <summary>
    /// The largest file that is written, 256 MiB; more than that is two distant segments, not firmware. It is also the largest file
    /// of any format that is read from a stream.
    /// </summary>
    public const int MaxSize = 256 << 20;

    /// <summary>The image from its first byte to its last; where the first one belongs is not in the file.</summary>
    /// <param name="image">What it is to hold; not empty.</param>
    /// <param name="fill">What stands in the gaps; flash that is erased reads 0xFF on most chips, 0x00 on some.</param>
    /// <exception cref="ArgumentException">The image is empty.</exception>
    /// <exception cref="FirmwareFormatException">The file would be larger than <see cref="MaxSize"/>.</exception>
    public static byte[] Write(FirmwareImage image, byte fill = 0xFF)
    {
        RefuseUnfit(image);
        var extent = image.Extent!.Value;
        var file = new byte[extent.Length];
        file.AsSpan().Fill(fill);
        foreach (var segment in image.Segments)
        {
            segment.Data.Span.CopyTo(file.AsSpan((int)(segment.Range.Start - extent.Start)));
        }

        return file;
    }

    /// <summary>Refuses an image that makes no raw binary.</summary>
    internal static void RefuseUnfit(FirmwareImage image)
    {
        FirmwareFile.RefuseEmpty(image);
        var extent = image.Extent!.Value;
        if (extent.Length > MaxSize)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.TooLarge,
                $"a raw binary of {extent} would take {extent.Length} bytes, {extent.Length - image.ByteCount} of them filler in the gaps",
                "write DfuSe or Intel HEX, which leave gaps out, or a part of the image",
                $"at most {MaxSize} bytes",
                address: extent.Start);
        }
    }
}
