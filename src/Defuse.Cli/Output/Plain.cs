namespace Defuse.Cli.Output;

/// <summary>Makes text from files and devices safe to print.</summary>
internal static class Plain
{
    /// <summary>The text with a question mark for every control character, so that nobody else steers the terminal.</summary>
    public static string Of(string text) =>
        text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && text.AsSpan().IndexOfAnyInRange('\u007f', '\u009f') < 0
            ? text
            : string.Concat(text.Select(x => char.IsControl(x) ? '?' : x));
}
