using System.Runtime.CompilerServices;

namespace Defuse.Formats;

/// <summary>What Intel HEX and S-records have in common: lines of a mark, digits, and a checksum over their bytes.</summary>
internal abstract class RecordParser(FirmwareFormat format, FileAllowances allow, int capacity, ConflictSearch? search)
    : TextParser(format, allow, capacity, search)
{
    private readonly byte[] _record = new byte[5 + 255];

    // The line that a record stands on already.
    private int _fullLine;

    /// <summary>How many characters stand before the digits.</summary>
    protected abstract int MarkLength { get; }

    /// <summary>What a record starts with, for messages.</summary>
    protected abstract string Mark { get; }

    /// <summary>What the bytes of a record, its checksum included, add up to.</summary>
    protected abstract byte Sum { get; }

    /// <summary>Whether a record may start where the parser is.</summary>
    protected bool IsAtLineStart => _fullLine != Line;

    protected abstract bool HasMark(ReadOnlySpan<byte> text);

    /// <summary>How many bytes a record has, by its first one.</summary>
    protected abstract int SizeOf(byte first);

    /// <summary>Acts on a record that is whole.</summary>
    /// <param name="kind">The last character of its mark.</param>
    /// <param name="record">Its bytes.</param>
    protected abstract void Read(byte kind, ReadOnlySpan<byte> record);

    protected abstract bool IsEnd(byte kind, ReadOnlySpan<byte> record);

    protected override int ReadItem(ReadOnlySpan<byte> text)
    {
        if (!IsAtLineStart)
        {
            throw WhatFollows(text);
        }

        if (!HasMark(text))
        {
            throw Malformed($"a record starts with {Mark}, but this line with {PrintableText.Quote(text[0])}", Mark);
        }

        if (!TryDecode(text, out var record))
        {
            throw Broken(text);
        }

        var sum = 0;
        foreach (var value in record)
        {
            sum += value;
        }

        if (unchecked((byte)sum) != Sum)
        {
            ObjectToChecksum(record[^1], unchecked((byte)(record[^1] + Sum - sum)));
        }

        Read(text[MarkLength - 1], record);
        _fullLine = Line;
        return MarkLength + (2 * record.Length);
    }

    protected override bool IsItem(ReadOnlySpan<byte> text, out bool isEnd)
    {
        ReadOnlySpan<byte> record = default;
        var isItem = HasMark(text) && TryDecode(text, out record);
        isEnd = isItem && IsEnd(text[MarkLength - 1], record);
        return isItem;
    }

    protected override void Restart() => _fullLine = 0;

    /// <summary>How many bytes a line's end has that stands right behind a record; 0 if something else stands there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static int LineEndAt(ReadOnlySpan<byte> text, int position) =>
        text[position] == '\n' ? 1 : text[position] == '\r' && text[position + 1] == '\n' ? 2 : 0;

    private FirmwareFormatException WhatFollows(ReadOnlySpan<byte> text)
    {
        // The record before is still in its buffer.
        var digits = 2 * SizeOf(_record[0]);
        return HexCodec.Digits.Contains(text[0])
            ? Malformed($"the record goes on after its checksum: its length byte 0x{_record[0]:X2} means {digits} digits", $"{digits} digits")
            : Malformed($"{PrintableText.Quote(text[0])} follows the record's checksum", "the end of the line");
    }

    private bool TryDecode(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> record)
    {
        record = default;
        var digits = text[MarkLength..];
        if (digits.Length < 2 || !HexCodec.Digits.Contains(digits[0]) || !HexCodec.Digits.Contains(digits[1]))
        {
            return false;
        }

        var size = SizeOf((byte)((HexCodec.Value(digits[0]) << 4) | HexCodec.Value(digits[1])));
        if (digits.Length < 2 * size || !HexCodec.TryDecode(digits[..(2 * size)], _record))
        {
            return false;
        }

        record = _record.AsSpan(0, size);
        return true;
    }

    // Why a record could not be read, told with the leisure that an error gives.
    private FirmwareFormatException Broken(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAny((byte)'\r', (byte)'\n');
        var digits = (end < 0 ? text : text[..end])[MarkLength..].TrimEnd(" \t"u8);
        var strange = digits.IndexOfAnyExcept(HexCodec.Digits);
        if (strange >= 0)
        {
            return Malformed(
                $"{PrintableText.Quote(digits[strange])} in column {strange + MarkLength + 1} is no hexadecimal digit", "a hexadecimal digit");
        }

        if (digits.Length % 2 != 0)
        {
            return Malformed($"the record has {digits.Length} digits, an odd number", "two digits for each byte");
        }

        if (digits.IsEmpty)
        {
            return Malformed("the record has no digits", "a length, an address, a type and a checksum");
        }

        var length = (byte)((HexCodec.Value(digits[0]) << 4) | HexCodec.Value(digits[1]));
        return Malformed(
            $"the record is cut short: its length byte 0x{length:X2} means {2 * SizeOf(length)} digits, but it has {digits.Length}",
            $"{2 * SizeOf(length)} digits");
    }
}
