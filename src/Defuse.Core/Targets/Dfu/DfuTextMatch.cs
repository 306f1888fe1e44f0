namespace Defuse.Targets.Dfu;

/// <summary>A text that something is compared with: "exact TEXT", "prefix TEXT" or "pattern TEXT", where ? is any character.</summary>
/// <param name="Kind">The first word.</param>
/// <param name="Text">The rest.</param>
internal readonly record struct DfuTextMatch(DfuTextMatchKind Kind, string Text)
{
    public bool Matches(string? text) => text is not null && Kind switch
    {
        DfuTextMatchKind.Exact => string.Equals(text, Text, StringComparison.Ordinal),
        DfuTextMatchKind.Prefix => text.StartsWith(Text, StringComparison.Ordinal),
        _ => text.Length == Text.Length && text.Zip(Text).All(x => x.Second == '?' || x.Second == x.First),
    };

    /// <summary>Reads it as the data has it; null if it is none.</summary>
    public static DfuTextMatch? Parse(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && Enum.TryParse<DfuTextMatchKind>(text[..space], ignoreCase: true, out var kind)
            ? new DfuTextMatch(kind, text[(space + 1)..])
            : null;
    }

    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()} {Text}";
}
