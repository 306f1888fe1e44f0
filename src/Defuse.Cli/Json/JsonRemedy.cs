using Defuse.Diagnostics;

namespace Defuse.Cli.Json;

/// <summary>One thing to do.</summary>
internal sealed record JsonRemedy(string Text, string? Command, string[] Steps, bool Fix)
{
    public static JsonRemedy Of(Remedy remedy) => new(remedy.Text, remedy.Command, [.. remedy.Steps], remedy.IsFix);
}
