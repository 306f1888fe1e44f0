namespace Defuse.Cli.DfuUtil;

/// <summary>Whole numbers as C's strtol reads them: blanks, a sign, and with base 0 the prefixes 0x and 0.</summary>
internal static class CNumber
{
    /// <summary>Reads as much of a text as is a number.</summary>
    /// <param name="text">The text.</param>
    /// <param name="numberBase">10 or 16; 0 for what the prefix says.</param>
    /// <param name="read">How many characters were read; 0 if it does not begin with a number.</param>
    /// <returns>The number; the nearest that there is, where it is too large.</returns>
    public static long Read(string text, int numberBase, out int read)
    {
        var at = 0;
        while (at < text.Length && (text[at] == ' ' || text[at] is >= '\t' and <= '\r'))
        {
            at++;
        }

        var isNegative = at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is '-' or '+')
        {
            at++;
        }

        if (numberBase is 0 or 16 && at + 2 < text.Length && text[at] == '0' && text[at + 1] is 'x' or 'X' && char.IsAsciiHexDigit(text[at + 2]))
        {
            at += 2;
            numberBase = 16;
        }
        else if (numberBase == 0)
        {
            numberBase = at < text.Length && text[at] == '0' ? 8 : 10;
        }

        var first = at;
        long number = 0;
        while (at < text.Length && Digit(text[at]) is var digit && digit < numberBase)
        {
            number = number > (long.MaxValue - digit) / numberBase ? long.MaxValue : (number * numberBase) + digit;
            at++;
        }

        read = at == first ? 0 : at;
        return isNegative ? -number : number;
    }

    private static int Digit(char character) => char.IsAsciiHexDigit(character) ? Convert.ToInt32(character.ToString(), 16) : int.MaxValue;
}
