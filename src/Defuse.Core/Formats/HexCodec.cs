using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Defuse.Formats;

/// <summary>Bytes to and from pairs of hexadecimal digits, sixteen at a time, with the sum that checksums are made of.</summary>
/// <remarks>
/// What is inlined here is so to be part of loops that are compiled with full optimization at once: a process that reads one file
/// would otherwise be done before the runtime finds out that these are worth it.
/// </remarks>
internal static class HexCodec
{
    /// <summary>How much further than a record's end <see cref="TryDecodeRecord"/> may look and write.</summary>
    public const int Slack = 32;

    private const ulong EachByte = 0x0101_0101_0101_0101;
    private const ulong EachPair = 0x0001_0001_0001_0001;

    /// <summary>The characters that are digits.</summary>
    public static SearchValues<byte> Digits { get; } = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Whether the processor makes decoding by blocks worth while; other code reads without it.</summary>
    public static bool IsFast => Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian;

    private static Vector128<byte> Indices => Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    /// <summary>The value of a digit that is one.</summary>
    public static int Value(byte digit) => (digit & 0xF) + (9 * (digit >> 6));

    /// <summary>Decodes digits; false, if one of them is none.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> digits, Span<byte> bytes) =>
        Convert.FromHexString(digits, bytes, out _, out _) == OperationStatus.Done;

    /// <summary>Decodes a record in one go: a head of up to 6 bytes, data, and a checksum.</summary>
    /// <param name="digits">The record behind its mark, with <see cref="Slack"/> characters of anything behind that.</param>
    /// <param name="headLength">How many bytes the head has, 1 to 6.</param>
    /// <param name="length">How many bytes of data follow it.</param>
    /// <param name="data">Takes the data, with room for <see cref="Slack"/> more bytes.</param>
    /// <param name="head">The head's bytes, the first one in the lowest bits; the checksum in the highest.</param>
    /// <param name="sum">The sum of all bytes, the checksum included.</param>
    /// <returns>False, if one of the characters is no digit.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryDecodeRecord(ReadOnlySpan<byte> digits, int headLength, int length, Span<byte> data, out ulong head, out byte sum)
    {
        var blank = Vector128.Create((byte)'0');
        var checksum = MemoryMarshal.Read<ushort>(digits[(2 * (headLength + length))..]);
        var ends = Vector128.ConditionalSelect(
            Vector128.LessThan(Indices, Vector128.Create(unchecked((byte)(2 * headLength)))), Vector128.Create(digits), blank)
            .AsUInt16().WithElement(7, checksum).AsByte();
        var seen = ends = Nibbles(ends);
        ends = Vector128.Narrow(Pair(ends), Vector128<ushort>.Zero);
        head = ends.AsUInt64().ToScalar();
        var sums = ends;
        var rest = digits[(2 * headLength)..];
        while (length > 0)
        {
            var first = Vector128.Create(rest);
            var second = Vector128.Create(rest[16..]);
            if (length < 16)
            {
                var count = Vector128.Create(unchecked((byte)(2 * length)));
                first = Vector128.ConditionalSelect(Vector128.LessThan(Indices, count), first, blank);
                second = Vector128.ConditionalSelect(
                    Vector128.LessThan(Indices + Vector128.Create((byte)16), count), second, blank);
            }

            first = Nibbles(first);
            second = Nibbles(second);
            seen |= first | second;
            var bytes = Vector128.Narrow(Pair(first), Pair(second));
            bytes.CopyTo(data);
            sums += bytes;
            if (length <= 16)
            {
                break;
            }

            length -= 16;
            data = data[16..];
            rest = rest[32..];
        }

        sum = Vector128.Sum(sums);
        return (seen & Vector128.Create((byte)0xF0)) == Vector128<byte>.Zero;
    }

    /// <summary>Writes the digits of bytes, and adds the bytes up.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="digits">Takes two digits for each of them.</param>
    /// <returns>The sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Encode(ReadOnlySpan<byte> bytes, Span<byte> digits)
    {
        var sums = Vector128<byte>.Zero;
        while (bytes.Length >= 16)
        {
            var block = Vector128.Create(bytes);
            sums += block;
            var (low, high) = Vector128.Widen(block);
            Characters(low).CopyTo(digits);
            Characters(high).CopyTo(digits[16..]);
            bytes = bytes[16..];
            digits = digits[32..];
        }

        var sum = Vector128.Sum(sums);
        foreach (var value in bytes)
        {
            sum = unchecked((byte)(sum + value));
            BinaryPrimitives.WriteUInt16LittleEndian(digits, Encode(value));
            digits = digits[2..];
        }

        return sum;
    }

    /// <summary>The two digits of a byte, the first one in the lower half.</summary>
    public static ushort Encode(byte value) => unchecked((ushort)Encode((uint)value));

    /// <summary>The eight digits of four bytes, the lowest byte's in the lowest places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Encode(uint bytes)
    {
        var spread = (bytes | ((ulong)bytes << 16)) & 0x0000_FFFF_0000_FFFF;
        spread = (spread | (spread << 8)) & (0xFF * EachPair);
        var nibbles = ((spread >> 4) & (0xF * EachPair)) | ((spread & (0xF * EachPair)) << 8);
        var letters = ((nibbles + (6 * EachByte)) >> 4) & EachByte;
        return nibbles + (letters * ('A' - '9' - 1)) + ('0' * EachByte);
    }

    // The values of sixteen digits; what is no digit has one of the upper four bits set.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Nibbles(Vector128<byte> characters)
    {
        // Only '0' to '9' come through as 0xF0 to 0xF9: they end at 0xFF first, and nothing is above them.
        var digits = Vector128.SubtractSaturate(characters + Vector128.Create((byte)(0xFF - '9')), Vector128.Create((byte)6));
        var letters = (characters & Vector128.Create((byte)0xDF)) - Vector128.Create((byte)'A');
        return Vector128.Min(
            digits - Vector128.Create((byte)0xF0),
            Vector128.AddSaturate(letters, Vector128.Create((byte)10)));
    }

    // In the lower half of each, the byte that two digits make.
    private static Vector128<ushort> Pair(Vector128<byte> nibbles) => (nibbles.AsUInt16() << 4) | (nibbles.AsUInt16() >> 8);

    // The digits of bytes that stand in the lower halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Characters(Vector128<ushort> bytes)
    {
        var nibbles = ((bytes >> 4) | ((bytes & Vector128.Create((ushort)0xF)) << 8)).AsByte();
        var letters = Vector128.GreaterThan(nibbles, Vector128.Create((byte)9)) & Vector128.Create((byte)('A' - '9' - 1));
        return nibbles + letters + Vector128.Create((byte)'0');
    }
}
