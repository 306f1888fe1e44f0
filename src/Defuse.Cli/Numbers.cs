using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Defuse.Images;

namespace Defuse.Cli;

/// <summary>Addresses and lengths as people write them: 0x0800_0000, 134217728, 128K, 2M.</summary>
internal static class Numbers
{
    private const long Kilobyte = 1024;

    public static bool TryParseAddress(string text, out uint address)
    {
        var known = TryParseNumber(text, out var number) && number <= uint.MaxValue;
        address = known ? (uint)number : 0;
        return known;
    }

    public static bool TryParseLength(string text, out long length)
    {
        var unit = text.Length == 0 ? 1 : text[^1] switch
        {
            'k' or 'K' => Kilobyte,
            'm' or 'M' => Kilobyte * Kilobyte,
            _ => 1,
        };
        var known = TryParseNumber(unit == 1 ? text : text[..^1], out length) && length > 0 && length <= AddressRange.AddressSpaceEnd / unit;
        length = known ? length * unit : 0;
        return known;
    }

    /// <summary>Reads START+LENGTH.</summary>
    public static bool TryParseRange(string text, [NotNullWhen(true)] out AddressRange? range)
    {
        range = null;
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        if (plus < 0
            || !TryParseAddress(text[..plus], out var start)
            || !TryParseLength(text[(plus + 1)..], out var length)
            || length > AddressRange.AddressSpaceEnd - start)
        {
            return false;
        }

        range = new AddressRange(start, length);
        return true;
    }

    /// <summary>What a number that was refused was likely to be, or how one is written.</summary>
    public static string Advise(string text, string example) =>
        text is ['0', not ('x' or 'X'), ..] && TryParseNumber("0x" + text.Split('+')[0], out _) ? $"did you mean 0x{text}?" : $"write it like {example}.";

    // Underscores stand between digits, as in C#. A leading zero is an address without its 0x more often than a decimal number.
    private static bool TryParseNumber(string text, out long number)
    {
        number = 0;
        var hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var digits = hexadecimal ? text[2..] : text;
        if (digits is "" or ['_', ..] or [.., '_'] || (!hexadecimal && digits is ['0', _, ..]))
        {
            return false;
        }

        digits = digits.Replace("_", "", StringComparison.Ordinal);
        return long.TryParse(digits, hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number >= 0;
    }
}
