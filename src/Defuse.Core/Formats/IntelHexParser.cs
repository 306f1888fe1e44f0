using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Reads the records of an Intel HEX file.</summary>
internal sealed class IntelHexParser(FileAllowances allow, int capacity, ConflictSearch? search)
    : RecordParser(FirmwareFormat.IntelHex, allow, capacity, search)
{
    // What types 02 and 04 set, for the records that follow.
    private uint _base;
    private bool _isSegmented;

    protected override (string Name, string Text) End => ("the end-of-file record", ":00000001FF");

    protected override int MarkLength => 1;

    protected override string Mark => "':'";

    protected override byte Sum => 0;

    /// <summary>Whether the first thing in the file is a record, or was meant to be one.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> file)
    {
        var text = ForeignContent.TrimStart(file);
        if (text.IsEmpty || text[0] != ':')
        {
            return false;
        }

        return (text.Length >= 9 && text[1..9].IndexOfAnyExcept(HexCodec.Digits) < 0) || ForeignContent.IsText(file);
    }

    protected override bool HasMark(ReadOnlySpan<byte> text) => text[0] == ':';

    protected override int SizeOf(byte first) => first + 5;

    protected override bool IsEnd(byte kind, ReadOnlySpan<byte> record) => record[3] == IntelHexFormat.EndOfFile;

    protected override void Restart()
    {
        base.Restart();
        (_base, _isSegmented) = (0, false);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override int ReadPlain(ReadOnlySpan<byte> text)
    {
        if (!HexCodec.IsFast || !IsAtLineStart)
        {
            return 0;
        }

        var position = 0;
        var lengthDigits = (ushort)0x3031;
        var length = 0x10;
        while (text.Length - position >= Window)
        {
            var record = text.Slice(position, Window);
            if (record[0] != ':')
            {
                break;
            }

            // Records of one length follow each other, and a guess lets the next one begin before this one's length is known.
            var digits = MemoryMarshal.Read<ushort>(record[1..]);
            if (digits != lengthDigits)
            {
                lengthDigits = digits;
                length = ((HexCodec.Value(record[1]) << 4) | HexCodec.Value(record[2])) & 0xFF;
            }

            var data = Image.Reserve(length + HexCodec.Slack);
            var end = 11 + (2 * length);
            if (!HexCodec.TryDecodeRecord(record[1..], 4, length, data, out var head, out var sum)
                || sum != 0
                || (head & 0xFF0000FF) != (uint)length)
            {
                break;
            }

            var offset = BinaryPrimitives.ReverseEndianness(unchecked((ushort)(head >> 8)));
            var address = (long)_base + offset;
            var last = address + length - 1;
            if (last >= AddressRange.AddressSpaceEnd || length == 0 || (_isSegmented && offset + length > 0x10000))
            {
                break;
            }

            var lineEnd = LineEndAt(record, end);
            if (lineEnd == 0)
            {
                break;
            }

            position += end + lineEnd;

            Image.Take((uint)address, length);
            Line++;
        }

        return position;
    }

    protected override void Read(byte kind, ReadOnlySpan<byte> record)
    {
        var type = record[3];
        var data = record[4..^1];
        var expected = type switch
        {
            IntelHexFormat.Data => data.Length,
            IntelHexFormat.EndOfFile => 0,
            IntelHexFormat.ExtendedSegmentAddress or IntelHexFormat.ExtendedLinearAddress => 2,
            IntelHexFormat.StartSegmentAddress or IntelHexFormat.StartLinearAddress => 4,
            _ => throw Malformed($"the record's type is {type:X2}, and only 00 to 05 are known", "a type from 00 to 05"),
        };
        if (data.Length != expected)
        {
            throw Malformed($"a record of type {type:X2} carries {expected} bytes, but this one has {data.Length}", $"{expected} bytes");
        }

        switch (type)
        {
            case IntelHexFormat.Data:
                Add(BinaryPrimitives.ReadUInt16BigEndian(record[1..]), data);
                break;
            case IntelHexFormat.EndOfFile:
                TakeEnd();
                break;
            case IntelHexFormat.ExtendedSegmentAddress:
                (_base, _isSegmented) = ((uint)BinaryPrimitives.ReadUInt16BigEndian(data) << 4, true);
                break;
            case IntelHexFormat.ExtendedLinearAddress:
                (_base, _isSegmented) = ((uint)BinaryPrimitives.ReadUInt16BigEndian(data) << 16, false);
                break;
            case IntelHexFormat.StartSegmentAddress:
                TakeEntryPoint(((uint)BinaryPrimitives.ReadUInt16BigEndian(data) << 4) + BinaryPrimitives.ReadUInt16BigEndian(data[2..]));
                break;
            default:
                TakeEntryPoint(BinaryPrimitives.ReadUInt32BigEndian(data));
                break;
        }
    }

    private void Add(ushort offset, ReadOnlySpan<byte> data)
    {
        if (_isSegmented)
        {
            // An 8086 segment is 64 KB: what runs over its end comes out at its start.
            var upToEnd = Math.Min(data.Length, 0x10000 - offset);
            AddData(_base + offset, data[..upToEnd]);
            AddData(_base, data[upToEnd..]);
            return;
        }

        var address = (long)_base + offset;
        if (address + data.Length > AddressRange.AddressSpaceEnd)
        {
            throw PastAddressSpace(data.Length, address);
        }

        AddData((uint)address, data);
    }
}
