using System.Buffers.Binary;
using System.Globalization;

namespace Defuse.Simulator.Roms;

/// <summary>The serial number that a ROM makes of twelve bytes of the chip.</summary>
internal static class RomSerialNumber
{
    /// <summary>Three sums of 16-bit words, without carries between them, in hexadecimal.</summary>
    /// <param name="bytes">The 96-bit unique device identifier.</param>
    /// <param name="addend">What bootloaders of version 9 add to the middle word: 0x0A; 0 for others.</param>
    public static string Of(ReadOnlySpan<byte> bytes, ushort addend)
    {
        Span<ushort> words = stackalloc ushort[6];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
        }

        var first = (words[1] + words[5]) & 0xFFFF;
        var second = (words[0] + words[4] + addend) & 0xFFFF;
        return string.Create(CultureInfo.InvariantCulture, $"{first:X4}{second:X4}{words[3]:X4}");
    }

    /// <summary>
    /// What programs with ST's USB device library make of the identifier: 32-bit sums, so that a carry counts.
    /// </summary>
    /// <param name="bytes">The 96-bit unique device identifier.</param>
    public static string OfApplication(ReadOnlySpan<byte> bytes)
    {
        var first = unchecked(BinaryPrimitives.ReadUInt32LittleEndian(bytes) + BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
        return string.Create(CultureInfo.InvariantCulture, $"{first:X8}{BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]):X4}");
    }

    /// <summary>What the H74x ROM sends on every chip: its sums run over DBGMCU_IDCODE instead of the identifier.</summary>
    /// <param name="idCode">DBGMCU_IDCODE.</param>
    public static string OfIdCode(uint idCode)
    {
        Span<byte> bytes = stackalloc byte[12];
        bytes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, idCode);
        return Of(bytes, 0);
    }
}
