using System.Buffers;
using System.Buffers.Binary;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Walks the records of an Intel HEX file.</summary>
internal ref struct IntelHexReader
{
    /// <summary>How large the buffer is that a reader needs: length, address, type, 255 bytes and a checksum.</summary>
    private const int MaxRecordSize = 5 + 255;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    // What editors, DOS and flash dumps leave behind the last record.
    private static readonly SearchValues<byte> Padding = SearchValues.Create(" \t\r\n\0\u001A"u8);
    private readonly ReadOnlySpan<byte> _text;
    private readonly Span<byte> _record;
    private int _position;
    private int _start;
    private int _length;
    private ushort _offset;
    private byte _type;

    // What types 02 and 04 set, for the records that follow.
    private uint _base;
    private bool _isSegmented;

    private IntelHexReader(ReadOnlySpan<byte> text, Span<byte> record)
    {
        _text = text;
        _record = record;
        _position = text.StartsWith(ForeignContent.ByteOrderMark) ? ForeignContent.ByteOrderMark.Length : 0;
    }

    private readonly ReadOnlySpan<byte> Payload => _record.Slice(4, _length);

    /// <summary>Whether the first thing in the file is a record, or was meant to be one.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> file)
    {
        var text = ForeignContent.TrimStart(file);
        if (text.IsEmpty || text[0] != ':')
        {
            return false;
        }

        return (text.Length >= 9 && text[1..9].IndexOfAnyExcept(HexDigits) < 0) || ForeignContent.IsText(file);
    }

    public static FirmwareFile Read(ReadOnlySpan<byte> text)
    {
        Span<byte> record = stackalloc byte[MaxRecordSize];
        return new IntelHexReader(text, record).Read();
    }

    private FirmwareFile Read()
    {
        var warnings = new Warnings();
        var image = new FirmwareImageBuilder(_text.Length / 2);
        uint? entryPoint = null;
        while (true)
        {
            ReadRecord();
            if (_type == IntelHexFormat.Data)
            {
                AddData(image);
            }
            else if (_type == IntelHexFormat.EndOfFile)
            {
                break;
            }
            else if (TakeAddress() is { } entry)
            {
                if (entryPoint is { } earlier && earlier != entry && warnings.HasRoom())
                {
                    warnings.Add($"line {LineAt(_start)}: a second start address, 0x{entry:X8}, replaces 0x{earlier:X8}");
                }

                entryPoint = entry;
            }
        }

        var rest = _text[_position..];
        var junk = rest.IndexOfAnyExcept(Padding);
        if (junk >= 0)
        {
            warnings.Add($"line {LineAt(_position + junk)}: what follows the end-of-file record is ignored");
        }

        if (image.ByteCount == 0)
        {
            throw FirmwareFile.NoData(LineAt(_start));
        }

        return new FirmwareFile(FirmwareFormat.IntelHex, Build(image))
        {
            EntryPoint = entryPoint,
            Warnings = warnings.ToImmutable(),
        };
    }

    // Moves to the next record, whose digits, length, checksum and place on its line are right afterwards.
    private void ReadRecord()
    {
        var text = _text;
        var position = _position;
        while (position < text.Length && IsBlank(text[position]))
        {
            position++;
        }

        _start = position;
        if (position >= text.Length || text[position] != ':')
        {
            throw NoRecord();
        }

        position++;
        if (text.Length - position < 2
            || !HexDigits.Contains(text[position])
            || !HexDigits.Contains(text[position + 1]))
        {
            throw BrokenRecord();
        }

        _length = (HexValue(text[position]) << 4) | HexValue(text[position + 1]);
        var digits = 2 * (_length + 5);
        if (text.Length - position < digits
            || Convert.FromHexString(text.Slice(position, digits), _record, out _, out _) != OperationStatus.Done)
        {
            throw BrokenRecord();
        }

        position += digits;
        if (position < text.Length && text[position] is not ((byte)'\r' or (byte)'\n'))
        {
            CheckRestOfLine(ref position);
        }

        _position = position;
        var record = _record[..(_length + 5)];
        var sum = IntelHexFormat.Sum(record);
        if ((sum & 0xFF) != 0)
        {
            throw WrongChecksum(record[^1], unchecked((byte)(record[^1] - sum)));
        }

        _offset = BinaryPrimitives.ReadUInt16BigEndian(record[1..]);
        _type = record[3];
        CheckLength();
    }

    private readonly void CheckLength()
    {
        var expected = _type switch
        {
            IntelHexFormat.Data => _length,
            IntelHexFormat.EndOfFile => 0,
            IntelHexFormat.ExtendedSegmentAddress or IntelHexFormat.ExtendedLinearAddress => 2,
            IntelHexFormat.StartSegmentAddress or IntelHexFormat.StartLinearAddress => 4,
            _ => throw Malformed($"the record's type is {_type:X2}, and only 00 to 05 are known", "a type from 00 to 05"),
        };
        if (_length != expected)
        {
            throw Malformed($"a record of type {_type:X2} carries {expected} bytes, but this one has {_length}", $"{expected} bytes");
        }
    }

    private readonly void AddData(FirmwareImageBuilder image)
    {
        var data = Payload;
        if (_isSegmented)
        {
            // An 8086 segment is 64 KB: what runs over its end comes out at its start.
            var upToEnd = Math.Min(data.Length, 0x10000 - _offset);
            image.Add(_base + _offset, data[..upToEnd]);
            image.Add(_base, data[upToEnd..]);
            return;
        }

        var address = (long)_base + _offset;
        if (address + data.Length > AddressRange.AddressSpaceEnd)
        {
            throw Malformed(
                $"{data.Length} bytes from 0x{address:X8} would end past 0xFFFFFFFF", "bytes that end at 0xFFFFFFFF or before", (uint)address);
        }

        image.Add((uint)address, data);
    }

    // Takes over what a record of type 02 to 05 says; the entry point, if it says that.
    private uint? TakeAddress()
    {
        switch (_type)
        {
            case IntelHexFormat.ExtendedSegmentAddress:
                _base = (uint)BinaryPrimitives.ReadUInt16BigEndian(Payload) << 4;
                _isSegmented = true;
                return null;
            case IntelHexFormat.ExtendedLinearAddress:
                _base = (uint)BinaryPrimitives.ReadUInt16BigEndian(Payload) << 16;
                _isSegmented = false;
                return null;
            case IntelHexFormat.StartSegmentAddress:
                return ((uint)BinaryPrimitives.ReadUInt16BigEndian(Payload) << 4) + BinaryPrimitives.ReadUInt16BigEndian(Payload[2..]);
            case IntelHexFormat.StartLinearAddress:
                return BinaryPrimitives.ReadUInt32BigEndian(Payload);
            default:
                return null;
        }
    }

    private readonly FirmwareImage Build(FirmwareImageBuilder image)
    {
        Span<byte> record = stackalloc byte[MaxRecordSize];
        try
        {
            return image.Build();
        }
        catch (ImageConflictException conflict)
        {
            throw new IntelHexReader(_text, record).Locate(conflict.Address!.Value) ?? conflict;
        }
    }

    // The builder joins neighbours, so the records that disagree are looked up in the file again.
    private ImageConflictException? Locate(uint address)
    {
        (AddressRange Range, byte Value, string Origin)? first = null;
        for (ReadRecord(); _type != IntelHexFormat.EndOfFile; ReadRecord())
        {
            TakeAddress();
            if (_type != IntelHexFormat.Data || PartAt(address) is not { } part)
            {
                continue;
            }

            var value = Payload[part.Index];
            if (first is { } earlier && earlier.Value != value)
            {
                return new ImageConflictException(
                    earlier.Range, part.Range, address, earlier.Value, value, earlier.Origin, $"line {LineAt(_start)}");
            }

            first ??= (part.Range, value, $"line {LineAt(_start)}");
        }

        return null;
    }

    // The part of this record that holds an address (a record that wraps has two), and which byte of the record it is.
    private readonly (AddressRange Range, int Index)? PartAt(uint address)
    {
        var upToEnd = _isSegmented ? Math.Min(_length, 0x10000 - _offset) : _length;
        var start = _base + _offset;
        if (address >= start && address - start < upToEnd)
        {
            return (new AddressRange(start, upToEnd), (int)(address - start));
        }

        return address >= _base && address - _base < _length - upToEnd
            ? (new AddressRange(_base, _length - upToEnd), upToEnd + (int)(address - _base))
            : null;
    }

    private readonly void CheckRestOfLine(ref int position)
    {
        var rest = RestOfLine(position);
        position += rest.Length;
        var junk = rest.IndexOfAnyExcept(" \t"u8);
        if (junk < 0)
        {
            return;
        }

        throw HexDigits.Contains(rest[junk])
            ? Malformed(
                $"the record goes on after its checksum: its length byte 0x{_length:X2} means {2 * (_length + 5)} digits",
                $"{2 * (_length + 5)} digits")
            : Malformed($"{PrintableText.Quote(rest[junk])} follows the record's checksum", "the end of the line");
    }

    private readonly FirmwareFormatException NoRecord()
    {
        if (_start < _text.Length)
        {
            return Malformed($"a record starts with ':', but this line with {PrintableText.Quote(_text[_start])}", "':'");
        }

        return new FirmwareFormatException(
            FirmwareFormatErrorKind.Malformed,
            $"the file ends at line {LineAt(_start)} without an end-of-file record, so some of it is probably missing",
            "download or copy the file again: it was cut short",
            ":00000001FF",
            _text.Length,
            LineAt(_start));
    }

    // Why a record could not be read, told with the leisure that an error gives.
    private readonly FirmwareFormatException BrokenRecord()
    {
        var digits = RestOfLine(_start + 1).TrimEnd(" \t"u8);
        var strange = digits.IndexOfAnyExcept(HexDigits);
        if (strange >= 0)
        {
            return Malformed(
                $"{PrintableText.Quote(digits[strange])} in column {strange + 2} is no hexadecimal digit", "a hexadecimal digit");
        }

        if (digits.Length % 2 != 0)
        {
            return Malformed($"the record has {digits.Length} digits, an odd number", "two digits for each byte");
        }

        if (digits.IsEmpty)
        {
            return Malformed("the record has no digits", "a length, an address, a type and a checksum");
        }

        var length = (HexValue(digits[0]) << 4) | HexValue(digits[1]);
        return Malformed(
            $"the record is cut short: its length byte 0x{length:X2} means {2 * (length + 5)} digits, but it has {digits.Length}",
            $"{2 * (length + 5)} digits");
    }

    private readonly FirmwareFormatException WrongChecksum(byte found, byte expected) =>
        Malformed($"the checksum is {found:X2}, but the record's bytes give {expected:X2}", $"{expected:X2}");

    private readonly FirmwareFormatException Malformed(string reason, string expected, uint? address = null)
    {
        var line = LineAt(_start);
        return new FirmwareFormatException(
            FirmwareFormatErrorKind.Malformed,
            $"line {line}: {reason}",
            "the file is damaged: download it again, or build it again",
            expected,
            _start,
            line,
            address);
    }

    private readonly ReadOnlySpan<byte> RestOfLine(int position)
    {
        var rest = _text[position..];
        var end = rest.IndexOfAny((byte)'\r', (byte)'\n');
        return end < 0 ? rest : rest[..end];
    }

    // Lines end with CR, LF or both; counted only when a message needs it. The file's last line counts even if it is unfinished.
    private readonly int LineAt(int position)
    {
        var line = 1;
        var before = _text[..Math.Min(position, _text.TrimEnd(" \t\r\n"u8).Length)];
        for (var end = before.IndexOfAny((byte)'\r', (byte)'\n'); end >= 0; end = before.IndexOfAny((byte)'\r', (byte)'\n'))
        {
            line++;
            before = before[(before[end..].StartsWith("\r\n"u8) ? end + 2 : end + 1)..];
        }

        return line;
    }

    private static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    private static int HexValue(byte digit) => (digit & 0xF) + (9 * (digit >> 6));
}
