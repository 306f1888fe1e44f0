namespace Defuse.Compatibility;

/// <summary>What came of an operation.</summary>
/// <param name="Word">The cell of the table.</param>
/// <param name="Note">What the tool said, where the cell is no plain yes; else null.</param>
internal sealed record Verdict(string Word, string? Note = null)
{
    public static Verdict None { get; } = new("–");

    /// <summary>Of a tool that repeats nothing, on a port where requests fail that come quickly.</summary>
    public static Verdict Unsteady { get; } = new("unsteady", "on such a port requests fail that come quickly, and dfu-util repeats none: now this fails, now that");

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
