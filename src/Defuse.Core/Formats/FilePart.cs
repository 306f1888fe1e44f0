using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Bytes of a file, and where they belong.</summary>
/// <param name="Address">The address of the first byte.</param>
/// <param name="Offset">Where it stands in the file.</param>
/// <param name="Length">How many bytes, at least one.</param>
/// <param name="Number">What the file's format counts the part by.</param>
internal readonly record struct FilePart(uint Address, int Offset, int Length, long Number)
{
    /// <summary>The image of all parts.</summary>
    /// <param name="file">The file that they lie in.</param>
    /// <param name="parts">In the file's order.</param>
    /// <param name="noun">What the format calls a part.</param>
    /// <exception cref="ImageConflictException">Two of them disagree; they are named.</exception>
    public static FirmwareImage Build(ReadOnlySpan<byte> file, IReadOnlyList<FilePart> parts, string noun)
    {
        var builder = new FirmwareImageBuilder((int)parts.Sum(x => (long)x.Length));
        foreach (var part in parts)
        {
            builder.Add(part.Address, file.Slice(part.Offset, part.Length));
        }

        try
        {
            return builder.Build();
        }
        catch (ImageConflictException conflict)
        {
            throw Locate(file, parts, noun, conflict.Address!.Value) ?? conflict;
        }
    }

    // The builder joins neighbours, so the parts that disagree are looked up again.
    private static ImageConflictException? Locate(ReadOnlySpan<byte> file, IReadOnlyList<FilePart> parts, string noun, uint address)
    {
        FilePart? first = null;
        foreach (var part in parts)
        {
            if (address < part.Address || address - part.Address >= part.Length)
            {
                continue;
            }

            if (first is { } earlier && earlier.ByteAt(file, address) != part.ByteAt(file, address))
            {
                return new ImageConflictException(
                    new AddressRange(earlier.Address, earlier.Length),
                    new AddressRange(part.Address, part.Length),
                    address,
                    earlier.ByteAt(file, address),
                    part.ByteAt(file, address),
                    $"{noun} {earlier.Number}, offset 0x{earlier.Offset:X}",
                    $"{noun} {part.Number}, offset 0x{part.Offset:X}");
            }

            first ??= part;
        }

        return null;
    }

    private byte ByteAt(ReadOnlySpan<byte> file, uint address) => file[Offset + (int)(address - Address)];
}
