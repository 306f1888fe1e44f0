using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Defuse.Formats;

/// <summary>The CRC of DFU files: reflected, polynomial 0xEDB88320, from 0xFFFFFFFF, with no inversion at the end.</summary>
internal static class Crc32
{
    private const int Lanes = 8;

    // Tables[lane * 256 + value]: the effect of a byte that lies that many bytes before the last of eight.
    private static readonly ImmutableArray<uint> Tables = MakeTables();

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFF_FFFFu;
        var tables = Tables.AsSpan();
        while (data.Length >= Lanes)
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            crc = tables[(7 * 256) + unchecked((byte)low)]
                ^ tables[(6 * 256) + unchecked((byte)(low >> 8))]
                ^ tables[(5 * 256) + unchecked((byte)(low >> 16))]
                ^ tables[(4 * 256) + (int)(low >> 24)]
                ^ tables[(3 * 256) + unchecked((byte)high)]
                ^ tables[(2 * 256) + unchecked((byte)(high >> 8))]
                ^ tables[256 + unchecked((byte)(high >> 16))]
                ^ tables[(int)(high >> 24)];
            data = data[Lanes..];
        }

        foreach (var value in data)
        {
            crc = tables[unchecked((byte)crc) ^ value] ^ (crc >> 8);
        }

        return crc;
    }

    private static ImmutableArray<uint> MakeTables()
    {
        var tables = new uint[Lanes * 256];
        for (var value = 0u; value < 256; value++)
        {
            var crc = value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB8_8320u;
            }

            tables[value] = crc;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            tables[i] = (tables[i - 256] >> 8) ^ tables[tables[i - 256] & 0xFF];
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(tables);
    }
}
