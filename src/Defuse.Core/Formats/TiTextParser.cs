using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Reads TI-TXT: addresses behind '@', bytes of two digits, blanks between them, and 'q' at the end.</summary>
internal sealed class TiTextParser(FileAllowances allow, int capacity, ConflictSearch? search)
    : TextParser(FirmwareFormat.TiText, allow, capacity, search)
{
    private const byte NoDigit = 0xFF;

    private static readonly ImmutableArray<byte> Values = MakeValues();

    // Where the next byte belongs, up to one past the address space; negative before the first address.
    private long _address = -1;

    protected override (string Name, string Text) End => ("the end mark 'q'", "'q'");

    /// <summary>Whether the first line of the file is an address, and bytes seem to follow it.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> file)
    {
        var text = ForeignContent.TrimStart(file);
        if (text.IsEmpty || text[0] != '@')
        {
            return false;
        }

        var digits = text[1..].IndexOfAnyExcept(HexCodec.Digits);
        if (digits is < 1 or > 8)
        {
            return false;
        }

        var rest = text[(1 + digits)..].TrimStart(" \t"u8);
        if (rest.IsEmpty || rest[0] is not ((byte)'\r' or (byte)'\n'))
        {
            return false;
        }

        rest = rest.TrimStart(" \t\r\n"u8);
        return rest is [(byte)'q' or (byte)'Q' or (byte)'@', ..]
            || (rest.Length >= 2 && HexCodec.Digits.Contains(rest[0]) && HexCodec.Digits.Contains(rest[1]));
    }

    protected override bool IsItem(ReadOnlySpan<byte> text, out bool isEnd)
    {
        isEnd = IsEndMark(text[0]) && (text.Length < 2 || IsSeparator(text[1]));
        return isEnd || (text[0] == '@' && text.Length >= 2 && HexCodec.Digits.Contains(text[1]));
    }

    protected override void Restart() => _address = -1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override int ReadPlain(ReadOnlySpan<byte> text)
    {
        var position = 0;
        var values = Values.AsSpan();
        while (_address >= 0 && text.Length - position >= Window)
        {
            var line = text.Slice(position, Window);
            var data = Image.Reserve(Window);
            var (at, length) = (0, 0);
            while (at + 4 < line.Length && (values[line[at]] | values[line[at + 1]]) < 16 && line[at + 2] <= ' ')
            {
                data[length++] = (byte)((values[line[at]] << 4) | values[line[at + 1]]);
                at += line[at + 2] == ' ' ? 3 : 2;
                if (line[at] < ' ')
                {
                    break;
                }
            }

            var end = MemoryMarshal.Read<ushort>(line[Math.Min(at, Window - 2)..]) == 0x0A0D ? 2 : line[at] == '\n' ? 1 : 0;
            if (length == 0 || end == 0 || _address + length > AddressRange.AddressSpaceEnd)
            {
                break;
            }

            Image.Take((uint)_address, length);
            _address += length;
            position += at + end;
            Line++;
        }

        return position;
    }

    protected override int ReadItem(ReadOnlySpan<byte> text)
    {
        if (text[0] == '@')
        {
            return ReadAddress(text);
        }

        if (IsEndMark(text[0]))
        {
            TakeEnd();
            return 1;
        }

        Span<byte> data = stackalloc byte[Window / 2];
        var (at, length) = (0, 0);
        while (IsByte(text[at..]) && (text.Length < Window || at + 2 < text.Length))
        {
            data[length++] = (byte)((HexCodec.Value(text[at]) << 4) | HexCodec.Value(text[at + 1]));
            at += 2;
            var blanks = text[at..].IndexOfAnyExcept((byte)' ', (byte)'\t');
            at = blanks < 0 ? text.Length : at + blanks;
        }

        if (length == 0)
        {
            throw NoByte(text);
        }

        if (_address < 0)
        {
            throw Malformed("bytes come before the first address", "'@' and an address");
        }

        if (_address + length > AddressRange.AddressSpaceEnd)
        {
            throw PastAddressSpace(length, _address);
        }

        AddData((uint)_address, data[..length]);
        _address += length;
        return at;
    }

    private static bool IsEndMark(byte value) => value is (byte)'q' or (byte)'Q';

    private static bool IsSeparator(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0 or 0x1A;

    private static bool IsByte(ReadOnlySpan<byte> text) =>
        text.Length >= 2
        && HexCodec.Digits.Contains(text[0])
        && HexCodec.Digits.Contains(text[1])
        && (text.Length == 2 || IsSeparator(text[2]));

    private static ImmutableArray<byte> MakeValues()
    {
        var values = new byte[256];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = HexCodec.Digits.Contains((byte)i) ? (byte)HexCodec.Value((byte)i) : NoDigit;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    private int ReadAddress(ReadOnlySpan<byte> text)
    {
        var end = text[1..].IndexOfAnyExcept(HexCodec.Digits);
        var digits = end < 0 ? text[1..] : text[1..(1 + end)];
        if (digits.IsEmpty)
        {
            throw Malformed("'@' has no address behind it", "'@' and an address");
        }

        if (end >= 0 && !IsSeparator(text[1 + end]))
        {
            throw Malformed($"{PrintableText.Quote(text[1 + end])} follows the address, and is no hexadecimal digit", "the end of the line");
        }

        if (digits.TrimStart((byte)'0').Length > 8)
        {
            throw Malformed($"the address has {digits.Length} digits, and 8 are the most", "an address of 32 bits");
        }

        _address = 0;
        foreach (var digit in digits)
        {
            _address = (_address << 4) | (uint)HexCodec.Value(digit);
        }

        return 1 + digits.Length;
    }

    private FirmwareFormatException NoByte(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAny(" \t\r\n"u8);
        var word = end < 0 ? text : text[..end];
        var strange = word.IndexOfAnyExcept(HexCodec.Digits);
        return strange >= 0
            ? Malformed($"{PrintableText.Quote(word[strange])} is no hexadecimal digit", "a byte of two digits, '@' or 'q'")
            : Malformed($"a byte has two digits, but here {(word.Length == 1 ? "is one" : $"are {word.Length}")}", "a byte of two digits");
    }
}
