using System.Buffers.Binary;

namespace Defuse.Formats;

/// <summary>The end of every DFU file: which device it is for, and a CRC over it (UM0391, section 2.2; DFU 1.1, appendix B).</summary>
public sealed record DfuSuffix
{
    /// <summary>How many bytes a suffix takes at the least.</summary>
    internal const int Size = 16;

    /// <summary>The value of <see cref="DfuVersion"/> that marks a DfuSe file.</summary>
    internal const ushort DfuSeVersion = 0x011A;

    /// <summary>The USB vendor that the file is for; 0xFFFF means any.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>The USB product that the file is for; 0xFFFF means any, and some tools write 0x0000.</summary>
    public required ushort ProductId { get; init; }

    /// <summary>The device's release (bcdDevice) that the file is for; 0xFFFF means any.</summary>
    public required ushort DeviceRelease { get; init; }

    /// <summary>The specification that the file follows (bcdDFU): 0x011A for DfuSe, 0x0100 or 0x0110 for plain DFU.</summary>
    public required ushort DfuVersion { get; init; }

    /// <summary>The CRC that the file states.</summary>
    public required uint StoredCrc { get; init; }

    /// <summary>The CRC of the file's bytes.</summary>
    public required uint ComputedCrc { get; init; }

    /// <summary>Whether the two agree.</summary>
    public bool CrcIsValid => StoredCrc == ComputedCrc;

    /// <summary>The suffix of a file, if it ends with one.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="length">How many bytes the suffix says that it takes, 16 to 255; 0 if there is none.</param>
    /// <returns>The suffix, whether its CRC is right or not; null if the file does not end with one.</returns>
    public static DfuSuffix? TryRead(ReadOnlySpan<byte> file, out int length)
    {
        length = 0;
        if (file.Length < Size)
        {
            return null;
        }

        var suffix = file[^Size..];
        if (!suffix[8..11].SequenceEqual("UFD"u8) || suffix[11] < Size || suffix[11] > file.Length)
        {
            return null;
        }

        length = suffix[11];
        return new DfuSuffix
        {
            DeviceRelease = BinaryPrimitives.ReadUInt16LittleEndian(suffix),
            ProductId = BinaryPrimitives.ReadUInt16LittleEndian(suffix[2..]),
            VendorId = BinaryPrimitives.ReadUInt16LittleEndian(suffix[4..]),
            DfuVersion = BinaryPrimitives.ReadUInt16LittleEndian(suffix[6..]),
            StoredCrc = BinaryPrimitives.ReadUInt32LittleEndian(suffix[12..]),
            ComputedCrc = Crc32.Compute(file[..^4]),
        };
    }

    /// <summary>Writes a suffix over the last bytes of a file, with the CRC of the rest.</summary>
    internal static void Write(Span<byte> file, DfuSeWriteOptions options, ushort version)
    {
        var suffix = file[^Size..];
        BinaryPrimitives.WriteUInt16LittleEndian(suffix, options.DeviceRelease);
        BinaryPrimitives.WriteUInt16LittleEndian(suffix[2..], options.ProductId);
        BinaryPrimitives.WriteUInt16LittleEndian(suffix[4..], options.VendorId);
        BinaryPrimitives.WriteUInt16LittleEndian(suffix[6..], version);
        "UFD"u8.CopyTo(suffix[8..]);
        suffix[11] = Size;
        BinaryPrimitives.WriteUInt32LittleEndian(suffix[12..], Crc32.Compute(file[..^4]));
    }

    /// <summary>Refuses a wrong CRC, or tells of it.</summary>
    /// <param name="end">Where the suffix ends in the file.</param>
    /// <param name="allow">What to let pass.</param>
    /// <param name="warnings">Where to tell of it.</param>
    internal void CheckCrc(int end, FileAllowances allow, Warnings warnings)
    {
        if (CrcIsValid)
        {
            return;
        }

        var offset = end - 4;
        if (!allow.HasFlag(FileAllowances.Crc))
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Crc,
                $"the CRC at offset 0x{offset:X} is 0x{StoredCrc:X8}, but the file's bytes give 0x{ComputedCrc:X8}",
                "the file is damaged: download it again, or build it again",
                $"0x{ComputedCrc:X8}",
                offset);
        }

        warnings.Add($"offset 0x{offset:X}: the CRC is 0x{StoredCrc:X8}, but the file's bytes give 0x{ComputedCrc:X8}");
    }
}
