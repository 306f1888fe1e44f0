using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Reads the records of a Motorola S-record file.</summary>
internal sealed class SRecordParser(FileAllowances allow, int capacity, ConflictSearch? search)
    : RecordParser(FirmwareFormat.SRecord, allow, capacity, search)
{
    // Data records since the start of the file, and whether a record that counts them was the last thing read.
    private int _count;
    private bool _countIsRight;

    protected override (string Name, string Text) End => ("the end record", "a record S7, S8 or S9");

    protected override int MarkLength => 2;

    protected override string Mark => "'S' and a digit";

    protected override byte Sum => 0xFF;

    // srec_cat writes the count and no end where it knows no start address.
    protected override bool IsWholeWithoutEnd => _countIsRight;

    /// <summary>Whether the first thing in the file is a record, or was meant to be one.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> file)
    {
        var text = ForeignContent.TrimStart(file);
        if (text.Length < 4 || (text[0] | 0x20) != 's' || !char.IsAsciiDigit((char)text[1]))
        {
            return false;
        }

        var digits = text[2..].IndexOfAnyExcept(HexCodec.Digits);
        return digits is < 0 or >= 8 || (text[0] == 'S' && digits >= 2 && ForeignContent.IsText(file));
    }

    protected override bool HasMark(ReadOnlySpan<byte> text) =>
        text.Length >= 2 && (text[0] | 0x20) == 's' && char.IsAsciiDigit((char)text[1]);

    // The least is a checksum, so that even a record that says less has one.
    protected override int SizeOf(byte first) => Math.Max((int)first, 1) + 1;

    protected override bool IsEnd(byte kind, ReadOnlySpan<byte> record) => kind is (byte)'7' or (byte)'8' or (byte)'9';

    protected override void Restart()
    {
        base.Restart();
        (_count, _countIsRight) = (0, false);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override int ReadPlain(ReadOnlySpan<byte> text)
    {
        if (!HexCodec.IsFast || !IsAtLineStart)
        {
            return 0;
        }

        var position = 0;
        var lengthDigits = (ushort)0x3531;
        var length = 0x15;
        while (text.Length - position >= Window)
        {
            var record = text.Slice(position, Window);
            if (record[0] != 'S' || record[1] is < (byte)'1' or > (byte)'3')
            {
                break;
            }

            // Records of one length follow each other, and a guess lets the next one begin before this one's length is known.
            var digits = MemoryMarshal.Read<ushort>(record[2..]);
            if (digits != lengthDigits)
            {
                lengthDigits = digits;
                length = ((HexCodec.Value(record[2]) << 4) | HexCodec.Value(record[3])) & 0xFF;
            }

            var headLength = record[1] - '0' + 2;
            var dataLength = length - headLength;
            if (dataLength <= 0)
            {
                break;
            }

            var data = Image.Reserve(dataLength + HexCodec.Slack);
            var end = 4 + (2 * length);
            if (!HexCodec.TryDecodeRecord(record[2..], headLength, dataLength, data, out var head, out var sum)
                || sum != 0xFF
                || (head & 0xFF) != (uint)length)
            {
                break;
            }

            var address = BinaryPrimitives.ReverseEndianness(unchecked((uint)(head >> 8))) >> (8 * (5 - headLength));
            if (dataLength > AddressRange.AddressSpaceEnd - address)
            {
                break;
            }

            var lineEnd = LineEndAt(record, end);
            if (lineEnd == 0)
            {
                break;
            }

            position += end + lineEnd;

            Image.Take(address, dataLength);
            Line++;
            _count++;
            _countIsRight = false;
        }

        return position;
    }

    protected override void Read(byte kind, ReadOnlySpan<byte> record)
    {
        var width = kind switch
        {
            (byte)'0' or (byte)'1' or (byte)'5' or (byte)'9' => 2,
            (byte)'2' or (byte)'6' or (byte)'8' => 3,
            (byte)'3' or (byte)'7' => 4,
            _ => throw Malformed("the record's type is S4, which is reserved, so nothing says what it holds", "S0 to S3 or S5 to S9"),
        };
        if (record.Length < width + 2 || (kind >= '5' && record.Length > width + 2))
        {
            throw Malformed(
                $"an S{(char)kind} record's length byte is {width + 1:X2}{(kind < '5' ? " or more" : "")}, but this one's is {record[0]:X2}",
                $"{width + 1:X2}");
        }

        var address = 0u;
        foreach (var value in record[1..(1 + width)])
        {
            address = (address << 8) | value;
        }

        _countIsRight = false;
        switch (kind)
        {
            case (byte)'0':
                Header ??= ReadHeader(record[3..^1]);
                break;
            case (byte)'5' or (byte)'6':
                CheckCount(address, width == 2 ? 0xFFFF : 0xFF_FFFF);
                break;
            case (byte)'7' or (byte)'8' or (byte)'9':
                // Every file has this record, and 0 is what tools write into it when they know no start.
                if (address != 0)
                {
                    TakeEntryPoint(address);
                }

                TakeEnd();
                break;
            default:
                Add(address, record[(1 + width)..^1]);
                break;
        }
    }

    private static string? ReadHeader(ReadOnlySpan<byte> text)
    {
        text = text.TrimEnd("\0 "u8);
        return text.IsEmpty ? null : PrintableText.From(text);
    }

    private void Add(uint address, ReadOnlySpan<byte> data)
    {
        if (data.Length > AddressRange.AddressSpaceEnd - address)
        {
            throw PastAddressSpace(data.Length, address);
        }

        AddData(address, data);
        _count++;
    }

    private void CheckCount(uint count, int most)
    {
        // A count that is too large for its field keeps its lower bits.
        _countIsRight = count == _count || (_count > most && count == (_count & most));
        if (!_countIsRight && !PassesInSilence(FileAllowances.Eof))
        {
            Object(
                FirmwareFormatErrorKind.Eof,
                FileAllowances.Eof,
                $"the file counts {count} data records here, but {_count} came before",
                "records are missing, or were added: download the file again, or build it again",
                $"{_count}");
        }
    }
}
