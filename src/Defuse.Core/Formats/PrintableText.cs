using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Defuse.Formats;

/// <summary>Text out of a file that nobody vouches for, made safe to show.</summary>
internal static class PrintableText
{
    /// <summary>How many texts a list for a message names.</summary>
    public const int MostListed = 5;

    private const int Shortened = 40;

    /// <summary>The bytes as UTF-8, or as Latin-1 if they are not that, with '?' for what a terminal might obey.</summary>
    public static string From(ReadOnlySpan<byte> bytes)
    {
        var text = (Utf8.IsValid(bytes) ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes);
        return string.Create(text.Length, text, static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = IsSafe(source[i]) ? source[i] : '?';
            }
        });
    }

    /// <summary>Its start, when it may be long.</summary>
    public static string Short(ReadOnlySpan<byte> bytes) => Short(From(bytes[..Math.Min(bytes.Length, 4 * Shortened)]));

    /// <summary>Its start, when it may be long.</summary>
    public static string Short(string text) => text.Length <= Shortened ? text : string.Concat(text.AsSpan(0, Shortened), "…");

    /// <summary>Several texts for a message, the first few of them.</summary>
    public static string List(IReadOnlyCollection<string> texts) => texts.Count <= MostListed
        ? string.Join(", ", texts)
        : $"{string.Join(", ", texts.Take(MostListed))} and {texts.Count - MostListed} more";

    /// <summary>A number of things: "1 block", "2 blocks".</summary>
    public static string Count(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>One byte for a message: the character in quotes if it has one, its value otherwise.</summary>
    public static string Quote(byte value) => value is > 0x20 and < 0x7F ? $"'{(char)value}'" : $"the byte 0x{value:X2}";

    /// <summary>Whether a character does nothing but stand there.</summary>
    public static bool IsSafe(char character) => CharUnicodeInfo.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
