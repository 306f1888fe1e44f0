using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Writes Intel HEX with 32-bit linear addresses.</summary>
internal sealed class IntelHexWriter : RecordWriter
{
    // Colon, length, address, type, checksum, CR and LF.
    private const int Overhead = 13;

    private readonly uint? _entryPoint;
    private uint _upper;

    public IntelHexWriter(FirmwareImage image, uint? entryPoint, int bytesPerRecord)
        : base(image, bytesPerRecord, 255)
    {
        _entryPoint = entryPoint;
        Size = SizeOf(image, entryPoint, bytesPerRecord);
    }

    protected override long Size { get; }

    protected override string Name => "an Intel HEX file";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override int WriteData(uint address, ReadOnlySpan<byte> data, int bytesPerRecord, ref Span<byte> rest)
    {
        Span<byte> number = stackalloc byte[2];
        var left = data;
        var target = rest;
        while (!left.IsEmpty)
        {
            var length = Math.Min(Math.Min(left.Length, bytesPerRecord), 0x10000 - (int)(address & 0xFFFF));
            var isNewBase = address >> 16 != _upper;
            if (target.Length < Overhead + (2 * length) + (isNewBase ? Overhead + 4 : 0))
            {
                break;
            }

            if (isNewBase)
            {
                _upper = address >> 16;
                BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)_upper);
                target = target[Write(target, IntelHexFormat.ExtendedLinearAddress, 0, number)..];
            }

            target = target[Write(target, IntelHexFormat.Data, address & 0xFFFF, left[..length])..];
            left = left[length..];
            address = unchecked(address + (uint)length);
        }

        rest = target;
        return data.Length - left.Length;
    }

    protected override int WriteOther(int index, bool isStart, Span<byte> record)
    {
        if (isStart || index > (_entryPoint is null ? 0 : 1))
        {
            return 0;
        }

        if (index == 0 && _entryPoint is { } entry)
        {
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(number, entry);
            return Write(record, IntelHexFormat.StartLinearAddress, 0, number);
        }

        return Write(record, IntelHexFormat.EndOfFile, 0, []);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Write(Span<byte> record, byte type, uint address, ReadOnlySpan<byte> data)
    {
        var head = BinaryPrimitives.ReverseEndianness(((uint)data.Length << 24) | (address << 8) | type);
        record[0] = (byte)':';
        BinaryPrimitives.WriteUInt64LittleEndian(record[1..], HexCodec.Encode(head));
        var sum = HexCodec.Encode(data, record[9..]) + (uint)data.Length + (address >> 8) + address + type;
        WriteEnd(unchecked((byte)-(int)sum), record[(9 + (2 * data.Length))..]);
        return Overhead + (2 * data.Length);
    }

    private static long SizeOf(FirmwareImage image, uint? entryPoint, int bytesPerRecord)
    {
        long records = entryPoint is null ? 1 : 2;
        var digits = (2 * image.ByteCount) + (entryPoint is null ? 0 : 8);
        long upper = 0;
        foreach (var segment in image.Segments)
        {
            for (long address = segment.Range.Start; address < segment.Range.End;)
            {
                if (address >> 16 != upper)
                {
                    upper = address >> 16;
                    records++;
                    digits += 4;
                }

                var end = Math.Min((address | 0xFFFF) + 1, segment.Range.End);
                records += (end - address + bytesPerRecord - 1) / bytesPerRecord;
                address = end;
            }
        }

        return (records * Overhead) + digits;
    }
}
