namespace Defuse.Cli.Output;

/// <summary>Makes text from files and devices safe to print.</summary>
internal static class Plain
{
    // What turns the direction of writing, so that a command reads otherwise than it is (Unicode, annex 9).
    private const string Turns = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069";

    /// <summary>The text with a question mark for every control character, so that nobody else steers the terminal.</summary>
    public static string Of(string text) =>
        text.Any(Steers) ? string.Concat(text.Select(x => Steers(x) ? '?' : x)) : text;

    private static bool Steers(char letter) => char.IsControl(letter) || Turns.Contains(letter, StringComparison.Ordinal);
}
