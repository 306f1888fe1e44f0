using System.Buffers;
using System.Globalization;
using System.Text;

namespace Defuse.Images;

/// <summary>Which firmware an image is, by the text that it carries to say so itself.</summary>
/// <remarks>Immutable. Text proves nothing: whoever built the image may have written anything there.</remarks>
public sealed record FirmwareIdentity
{
    private const int MaxWord = 64;
    private const int DateLength = 10;

    // Characters of a git version ("v1.18-99-g203ec8ca7-dirty") and of a chip's name.
    private static readonly SearchValues<byte> WordCharacters = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-+_"u8);

    // A board's name may be several words ("Pyboard D"), and a comma or semicolon comes before it.
    private static readonly SearchValues<byte> BoardCharacters = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-+_ ()/'"u8);

    private FirmwareIdentity(string version, DateOnly date, uint address)
    {
        Version = version;
        Date = date;
        EvidenceAddress = address;
    }

    private static ReadOnlySpan<byte> Marker => "MicroPython"u8;

    private static ReadOnlySpan<byte> On => " on "u8;

    /// <summary>The firmware's name; so far that is always MicroPython.</summary>
    public string Name { get; } = "MicroPython";

    /// <summary>The version as its source's tag gives it: <c>v1.9.1-4-g6ed4581-dirty</c>.</summary>
    public string Version { get; }

    /// <summary>The day that it was built.</summary>
    public DateOnly? Date { get; }

    /// <summary>The board that it was built for: <c>NUCLEO-F767ZI</c>; null if it does not say.</summary>
    public string? Board { get; private init; }

    /// <summary>The microcontroller that it was built for: <c>STM32F767</c>; null if it does not say.</summary>
    public string? Mcu { get; private init; }

    /// <summary>Where in the image the version stands.</summary>
    public uint EvidenceAddress { get; }

    /// <summary>
    /// Looks for MicroPython's banner, "MicroPython VERSION on DATE; BOARD with MCU", or for its two halves apart, as
    /// <c>os.uname()</c> needs them (MicroPython, MICROPY_BANNER_NAME_AND_VERSION and MICROPY_BANNER_MACHINE).
    /// </summary>
    /// <param name="image">The image; the time grows with its size and nothing else.</param>
    /// <returns>Null if the image does not say what it is.</returns>
    public static FirmwareIdentity? Find(FirmwareImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        FirmwareIdentity? apart = null;
        var isNamed = false;
        foreach (var segment in image.Segments)
        {
            isNamed |= segment.Data.Span.IndexOf(Marker) >= 0;
            if (FindVersion(segment, ref apart) is { } identity)
            {
                return identity.Board is null ? identity.WithMachine(FindMachineAnywhere(image)) : identity;
            }
        }

        return isNamed ? apart?.WithMachine(FindMachineAnywhere(image)) : null;
    }

    /// <summary>In words: <c>MicroPython v1.11 of 2019-06-01 for NUCLEO-F767ZI with STM32F767</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Name).Append(' ').Append(Version);
        if (Date is { } date)
        {
            text.Append(CultureInfo.InvariantCulture, $" of {date:yyyy-MM-dd}");
        }

        return Board is null ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $" for {Board} with {Mcu}").ToString();
    }

    // The first "VERSION on DATE" right behind "MicroPython"; the first one anywhere goes to apart.
    private static FirmwareIdentity? FindVersion(ImageSegment segment, ref FirmwareIdentity? apart)
    {
        var data = segment.Data.Span;
        for (int start = 0, found; (found = data[start..].IndexOf(On)) >= 0; start += found + On.Length)
        {
            var on = start + found;
            var rest = data[(on + On.Length)..];
            if (rest.Length < DateLength || !TryReadDate(rest[..DateLength], out var date))
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

            var identity = new FirmwareIdentity(Encoding.ASCII.GetString(version), date, segment.Range.Start + (uint)(on - version.Length));
            if (isBehindName)
            {
                rest = rest[DateLength..];
                return rest.StartsWith("; "u8) ? identity.WithMachine(FindMachine(rest[2..])) : identity;
            }

            apart ??= identity;
        }

        return null;
    }

    private FirmwareIdentity WithMachine((string Board, string Mcu)? machine) => this with { Board = machine?.Board, Mcu = machine?.Mcu };

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
