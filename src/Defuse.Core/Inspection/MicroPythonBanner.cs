using System.Buffers;
using System.Globalization;
using System.Text;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>
/// MicroPython's banner, "MicroPython VERSION on DATE; BOARD with MCU", or its two halves apart, as <c>os.uname()</c> needs
/// them (MicroPython, MICROPY_BANNER_NAME_AND_VERSION and MICROPY_BANNER_MACHINE).
/// </summary>
internal static class MicroPythonBanner
{
    private const int MaxWord = 64;
    private const int DateLength = 10;

    // Characters of a git version ("v1.18-99-g203ec8ca7-dirty").
    private static readonly SearchValues<byte> WordCharacters = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-+_"u8);

    // A board's name may be several words ("Pyboard D"), and a comma or semicolon comes before it.
    private static readonly SearchValues<byte> BoardCharacters = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-+_ ()/'"u8);

    private static ReadOnlySpan<byte> Marker => "MicroPython"u8;

    private static ReadOnlySpan<byte> On => " on "u8;

    public static FirmwareIdentity? Find(FirmwareImage image)
    {
        FirmwareIdentity? apart = null;
        var isNamed = false;
        foreach (var segment in image.Segments)
        {
            isNamed |= segment.Data.Span.IndexOf(Marker) >= 0;
            if (FindVersion(segment, ref apart) is { } identity)
            {
                return identity.Board is null ? WithMachine(identity, FindMachineAnywhere(image)) : identity;
            }
        }

        return isNamed && apart is not null && FindMachineAnywhere(image) is { } machine ? WithMachine(apart, machine) : null;
    }

    // The first "VERSION on DATE" right behind "MicroPython"; the first one anywhere goes to apart.
    private static FirmwareIdentity? FindVersion(ImageSegment segment, ref FirmwareIdentity? apart)
    {
        var data = segment.Data.Span;
        for (int start = 0, found; (found = data[start..].IndexOf(On)) >= 0; start += found + On.Length)
        {
            var on = start + found;
            var rest = data[(on + On.Length)..];
            if (rest.Length < DateLength || rest[4] != (byte)'-' || !TryReadDate(rest[..DateLength], out var date))
            {
                continue;
            }

            var word = WordBefore(data[..on]);
            var isBehindName = word.StartsWith(Marker) || data[..(on - word.Length)].EndsWith("MicroPython "u8);
            var version = word.StartsWith(Marker) ? word[Marker.Length..] : word;
            if (version is not [(byte)'v', >= (byte)'0' and <= (byte)'9', ..] || (apart is not null && !isBehindName))
            {
                continue;
            }

            var words = Encoding.ASCII.GetString(version);
            var address = segment.Range.Start + (uint)(on - version.Length);
            var identity = new FirmwareIdentity(
                "MicroPython", FirmwareKind.Product, string.Create(CultureInfo.InvariantCulture, $"{words} on {date:yyyy-MM-dd}"), address)
            {
                Version = words,
                Date = date,
            };
            if (isBehindName)
            {
                rest = rest[DateLength..];
                return rest.StartsWith("; "u8) ? WithMachine(identity, FindMachine(rest[2..])) : identity;
            }

            apart ??= identity;
        }

        return null;
    }

    private static FirmwareIdentity WithMachine(FirmwareIdentity identity, (string Board, string Mcu)? machine) =>
        identity with { Board = machine?.Board, Mcu = machine?.Mcu };

    // "BOARD with MCU" at the start of a text.
    private static (string Board, string Mcu)? FindMachine(ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(text.Length, 3 * MaxWord)];
        var with = text.IndexOf(" with "u8);
        if (with is < 1 or > MaxWord || text[..with].ContainsAnyExcept(BoardCharacters))
        {
            return null;
        }

        var mcu = Word(text[(with + " with ".Length)..]);
        return mcu.IsEmpty ? null : (Encoding.ASCII.GetString(text[..with]), Encoding.ASCII.GetString(mcu));
    }

    private static (string Board, string Mcu)? FindMachineAnywhere(FirmwareImage image)
    {
        var with = " with STM32"u8;
        foreach (var segment in image.Segments)
        {
            var data = segment.Data.Span;
            for (int start = 0, found; (found = data[start..].IndexOf(with)) >= 0; start += found + with.Length)
            {
                var before = data[..(start + found)];
                before = before[Math.Max(0, before.Length - MaxWord)..];
                var board = before[(before.LastIndexOfAnyExcept(BoardCharacters) + 1)..].TrimStart((byte)' ');
                var mcu = Word(data[(start + found + " with ".Length)..]);
                if (!board.IsEmpty && mcu.Length > "STM32".Length)
                {
                    return (Encoding.ASCII.GetString(board), Encoding.ASCII.GetString(mcu));
                }
            }
        }

        return null;
    }

    private static ReadOnlySpan<byte> Word(ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(text.Length, MaxWord)];
        var end = text.IndexOfAnyExcept(WordCharacters);
        return end < 0 ? text : text[..end];
    }

    private static ReadOnlySpan<byte> WordBefore(ReadOnlySpan<byte> text)
    {
        text = text[Math.Max(0, text.Length - MaxWord)..];
        return text[(text.LastIndexOfAnyExcept(WordCharacters) + 1)..];
    }

    private static bool TryReadDate(ReadOnlySpan<byte> text, out DateOnly date)
    {
        Span<char> characters = stackalloc char[DateLength];
        Encoding.Latin1.GetChars(text, characters);
        return DateOnly.TryParseExact(characters, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
    }
}
