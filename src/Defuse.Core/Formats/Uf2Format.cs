using System.Buffers.Binary;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Microsoft's blocks for bootloaders that show a drive (microsoft/uf2).</summary>
public static class Uf2Format
{
    /// <summary>
    /// How many bytes a block brings. Bootloaders take 256 at a multiple of 256 whatever their chip's pages are, and many take nothing else.
    /// </summary>
    public const int PageSize = 256;

    /// <summary>
    /// A file of one block for each page that the image has a byte in. What such a page holds besides is written as filler, so that an
    /// image of whole pages reads back equal, and another with filler around it.
    /// </summary>
    /// <param name="image">What it is to hold; not empty.</param>
    /// <param name="family">The number of the family that it is for (<see cref="Uf2Families"/>); null to name none, which many bootloaders refuse.</param>
    /// <param name="fill">What stands in a page beside the image; flash that is erased reads 0xFF on most chips, 0x00 on some.</param>
    /// <exception cref="ArgumentException">The image is empty.</exception>
    /// <exception cref="FirmwareFormatException">The file would be larger than 2 GiB.</exception>
    public static byte[] Write(FirmwareImage image, uint? family, byte fill = 0xFF)
    {
        FirmwareFile.RefuseEmpty(image);
        var count = CountPages(image);
        if (count * Uf2Block.Length > Array.MaxLength)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.TooLarge, $"a UF2 file of this image would take {count * Uf2Block.Length} bytes", "write it in parts");
        }

        var file = new byte[count * Uf2Block.Length];
        var number = -1;
        var page = -1L;
        foreach (var segment in image.Segments)
        {
            for (var address = (long)segment.Range.Start; address < segment.Range.End;)
            {
                if (address / PageSize != page)
                {
                    page = address / PageSize;
                    number++;
                    WriteBlock(file.AsSpan(number * Uf2Block.Length), (uint)(page * PageSize), (uint)number, (uint)count, family, fill);
                }

                var end = Math.Min((page + 1) * PageSize, segment.Range.End);
                segment.Data.Span[(int)(address - segment.Range.Start)..(int)(end - segment.Range.Start)]
                    .CopyTo(file.AsSpan((number * Uf2Block.Length) + Uf2Block.PayloadOffset + (int)(address % PageSize)));
                address = end;
            }
        }

        return file;
    }

    private static long CountPages(FirmwareImage image)
    {
        var count = 0L;
        var last = -1L;
        foreach (var segment in image.Segments)
        {
            var first = Math.Max(last + 1, segment.Range.Start / PageSize);
            last = segment.Range.Last / PageSize;
            count += last - first + 1;
        }

        return count;
    }

    private static void WriteBlock(Span<byte> block, uint address, uint number, uint count, uint? family, byte fill)
    {
        Span<uint> header =
        [
            Uf2Block.Magic0, Uf2Block.Magic1, family is null ? 0 : Uf2Block.FamilyPresent, address, PageSize, number, count, family ?? 0,
        ];
        for (var i = 0; i < header.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(block[(4 * i)..], header[i]);
        }

        block.Slice(Uf2Block.PayloadOffset, PageSize).Fill(fill);
        BinaryPrimitives.WriteUInt32LittleEndian(block[(Uf2Block.Length - 4)..], Uf2Block.MagicEnd);
    }
}
