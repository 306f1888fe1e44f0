using System.Buffers.Binary;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Opens DFU files without DfuSe's part: the bytes, perhaps a maker's prefix, and the suffix.</summary>
internal static class DfuReader
{
    private const int StellarisPrefixSize = 8;
    private const int StellarisPage = 1024;
    private const int LpcPrefixSize = 16;

    /// <summary>Whether a file ends with a plain DFU suffix.</summary>
    /// <remarks>Three letters at an even place are not proof enough, so the version has to be one that exists.</remarks>
    public static bool Recognizes(ReadOnlySpan<byte> file) =>
        DfuSuffix.TryRead(file, out _) is { DfuVersion: 0x0100 or 0x0101 or 0x0110 };

    public static FirmwareFile Read(ReadOnlySpan<byte> file, FileAllowances allow)
    {
        var suffix = DfuSuffix.TryRead(file, out var length) ?? throw new FirmwareFormatException(
            FirmwareFormatErrorKind.Malformed,
            "the file does not end with a DFU suffix, so it is no DFU file",
            "download it again: the end may be cut off",
            $"a suffix of {DfuSuffix.Size} bytes with \"UFD\"",
            file.Length);
        var warnings = new Warnings();
        suffix.CheckCrc(file.Length, allow, warnings);
        if (length != DfuSuffix.Size)
        {
            warnings.Add($"offset 0x{file.Length - 5:X}: the suffix says that it takes {length} bytes, not {DfuSuffix.Size}");
        }

        var bytes = file[..^length];
        if (DfuSuffix.TryRead(bytes, out _) is { CrcIsValid: true })
        {
            warnings.Add($"offset 0x{bytes.Length - DfuSuffix.Size:X}: before the suffix stands another one, which is taken for firmware");
        }

        var (prefix, address) = Prefix(bytes, warnings);
        bytes = bytes[prefix..];
        if (bytes.IsEmpty)
        {
            throw FirmwareFile.NoData();
        }

        if (address + (long)bytes.Length > AddressRange.AddressSpaceEnd)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Malformed,
                $"the prefix places {bytes.Length} bytes at 0x{address:X8}, and they would end past 0xFFFFFFFF",
                "build the file again with the right address",
                offset: 2,
                address: address);
        }

        return new FirmwareFile(FirmwareFormat.Dfu, FirmwareImage.FromBytes(address ?? 0, bytes))
        {
            NeedsAddress = address is null,
            Suffix = suffix,
            Warnings = warnings.ToImmutable(),
        };
    }

    // Prefixes that two makers' boot ROMs want, as dfu-prefix writes them; the address is in kilobytes.
    private static (int Length, uint? Address) Prefix(ReadOnlySpan<byte> bytes, Warnings warnings)
    {
        if (bytes.Length >= StellarisPrefixSize && bytes is [1, 0, ..]
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == bytes.Length - StellarisPrefixSize)
        {
            var address = (uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) * StellarisPage;
            warnings.Add($"the file is made for TI's Stellaris; its prefix of {StellarisPrefixSize} bytes places it at 0x{address:X8}, and is left out");
            return (StellarisPrefixSize, address);
        }

        if (bytes.Length >= LpcPrefixSize && (bytes[0] & 0x3F) == 0x1A && (bytes[1] & 0x3F) == 0x3F
            && bytes[4..LpcPrefixSize].IndexOfAnyExcept((byte)0xFF) < 0)
        {
            warnings.Add($"the file is made for NXP's LPC; its prefix of {LpcPrefixSize} bytes, for that chip's boot ROM, is left out");
            return (LpcPrefixSize, null);
        }

        return (0, null);
    }
}
