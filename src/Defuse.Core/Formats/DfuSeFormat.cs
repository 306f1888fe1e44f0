using System.Buffers.Binary;
using System.Text;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>ST's DFU file with addresses (UM0391).</summary>
public static class DfuSeFormat
{
    internal const int PrefixSize = 11;
    internal const int TargetHeaderSize = 274;
    internal const int ElementHeaderSize = 8;
    internal const int NameSize = 255;

    /// <summary>A file of one target, with one element for each segment of the image.</summary>
    /// <param name="image">What it is to hold; not empty.</param>
    /// <param name="options">The suffix and the target; those of the internal flash behind ST's ROM when null.</param>
    /// <exception cref="ArgumentException">The image is empty, or the target's name does not fit or is not printable.</exception>
    /// <exception cref="FirmwareFormatException">The file would be larger than 2 GiB.</exception>
    public static byte[] Write(FirmwareImage image, DfuSeWriteOptions? options = null)
    {
        FirmwareFile.RefuseEmpty(image);
        options ??= new DfuSeWriteOptions();
        var targetSize = image.ByteCount + ((long)image.Segments.Length * ElementHeaderSize);
        var size = PrefixSize + TargetHeaderSize + targetSize + DfuSuffix.Size;
        if (size > Array.MaxLength)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.TooLarge, $"a DfuSe file of this image would take {size} bytes", "write it in parts");
        }

        var file = new byte[size];
        WritePrefix(file, (uint)(size - DfuSuffix.Size));
        WriteTargetHeader(file.AsSpan(PrefixSize), options, (uint)targetSize, (uint)image.Segments.Length);
        var rest = file.AsSpan(PrefixSize + TargetHeaderSize);
        foreach (var segment in image.Segments)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(rest, segment.Range.Start);
            BinaryPrimitives.WriteUInt32LittleEndian(rest[4..], (uint)segment.Data.Length);
            segment.Data.Span.CopyTo(rest[ElementHeaderSize..]);
            rest = rest[(ElementHeaderSize + segment.Data.Length)..];
        }

        DfuSuffix.Write(file, options, DfuSuffix.DfuSeVersion);
        return file;
    }

    private static void WritePrefix(Span<byte> prefix, uint imageSize)
    {
        "DfuSe\u0001"u8.CopyTo(prefix);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[6..], imageSize);
        prefix[10] = 1;
    }

    private static void WriteTargetHeader(Span<byte> header, DfuSeWriteOptions options, uint size, uint elements)
    {
        "Target"u8.CopyTo(header);
        header[6] = options.AlternateSetting;
        if (!string.IsNullOrEmpty(options.TargetName))
        {
            if (!options.TargetName.All(PrintableText.IsSafe)
                || !Encoding.UTF8.TryGetBytes(options.TargetName, header.Slice(11, NameSize - 1), out _))
            {
                throw new ArgumentException("A target's name is up to 254 bytes of printable UTF-8.", nameof(options));
            }

            header[7] = 1;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(header[266..], size);
        BinaryPrimitives.WriteUInt32LittleEndian(header[270..], elements);
    }
}
