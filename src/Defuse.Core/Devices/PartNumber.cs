namespace Defuse.Devices;

/// <summary>Part numbers as people write them: "STM32F767ZIT6", "f767zi", "STM32F103x8".</summary>
internal static class PartNumber
{
    private const string Prefix = "STM32";
    private const int LongestSuffix = 5;

    /// <summary>The text in capitals, without blanks and without "STM32".</summary>
    public static string Normalize(string text)
    {
        var part = text.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        return part.StartsWith(Prefix, StringComparison.Ordinal) ? part[Prefix.Length..] : part;
    }

    /// <summary>Whether two agree as far as both go; an x in the second stands for anything.</summary>
    public static bool Agree(ReadOnlySpan<char> line, ReadOnlySpan<char> part)
    {
        for (var i = 0; i < line.Length && i < part.Length; i++)
        {
            if (part[i] is not ('x' or 'X') && char.ToUpperInvariant(part[i]) != line[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the text is a part's number, with or without package, temperature and packing; both without "STM32".</summary>
    /// <remarks>
    /// "L151CB-A" is the list's name for parts that are ordered as STM32L151CBT6A: the letter stands last, before the
    /// packing.
    /// </remarks>
    public static bool IsOrderCode(string text, string part)
    {
        var dash = part.IndexOf('-', StringComparison.Ordinal);
        var start = dash < 0 ? part : part[..dash];
        if (!text.StartsWith(start, StringComparison.Ordinal))
        {
            return false;
        }

        var suffix = text[start.Length..];
        if (suffix.EndsWith("TR", StringComparison.Ordinal) && suffix.Length > 2)
        {
            suffix = suffix[..^2];
        }

        return (dash >= 0 && suffix == part[dash..]) || (IsSuffix(suffix) && (dash < 0 || suffix.EndsWith(part[^1])));
    }

    // Package, temperature, then options: "T6", "H6U", "Y6P". A package alone is written too.
    private static bool IsSuffix(string suffix) =>
        suffix.Length <= LongestSuffix
        && suffix.All(char.IsAsciiLetterOrDigit)
        && (suffix.Length < 1 || char.IsAsciiLetter(suffix[0]))
        && (suffix.Length < 2 || char.IsAsciiDigit(suffix[1]) || suffix[1] == 'X');
}
