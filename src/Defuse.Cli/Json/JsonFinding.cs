using Defuse.Cli.Output;
using Defuse.Diagnostics;

namespace Defuse.Cli.Json;

/// <summary>What a rule found.</summary>
internal sealed record JsonFinding(string Rule, string Level, string? Title, string Text, string[] Evidence, JsonRemedy[] Remedies, string[] Drawing)
{
    public static JsonFinding Of(Finding finding) => new(
        finding.Rule, Texts.Word(finding.Level), finding.Title, finding.Text, [.. finding.Evidence], [.. finding.Remedies.Select(JsonRemedy.Of)], [.. finding.Drawing]);
}
