namespace Defuse.Compatibility;

/// <summary>What came of an operation.</summary>
/// <param name="Word">The cell of the table.</param>
/// <param name="Note">What the tool said, where the cell is no plain yes; else null.</param>
internal sealed record Verdict(string Word, string? Note = null)
{
    public static Verdict None { get; } = new("–");

    /// <param name="said">Whether the tool says that it did it.</param>
    /// <param name="done">Whether the chip says so.</param>
    /// <param name="words">What the tool said.</param>
    public static Verdict Of(bool said, bool done, string words) => (said, done) switch
    {
        (true, true) => new("yes"),
        (true, false) => new("**says yes, is not so**", words),
        (false, true) => new("done, says no", words),
        _ => new("no", words),
    };
}
