using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Bytes without an address, and a DFU suffix (DFU 1.1, appendix B).</summary>
public static class DfuFormat
{
    internal const ushort Version = 0x0100;

    /// <summary>The image from its first byte to its last, with a suffix; where the first byte belongs is not in the file.</summary>
    /// <param name="image">What it is to hold; not empty.</param>
    /// <param name="options">The suffix; that of ST's ROM when null. What it says of a target has no place in the file.</param>
    /// <param name="fill">What stands in the gaps; flash that is erased reads 0xFF on most chips, 0x00 on some.</param>
    /// <exception cref="ArgumentException">The image is empty.</exception>
    /// <exception cref="FirmwareFormatException">The file would be larger than <see cref="BinaryFormat.MaxSize"/> and a suffix.</exception>
    public static byte[] Write(FirmwareImage image, DfuSeWriteOptions? options = null, byte fill = 0xFF)
    {
        options ??= new DfuSeWriteOptions();
        byte[] file = [.. BinaryFormat.Write(image, fill), .. new byte[DfuSuffix.Size]];
        DfuSuffix.Write(file, options, Version);
        return file;
    }
}
