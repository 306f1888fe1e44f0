namespace Defuse.Diagnostics.Rules;

/// <summary>What could not be looked at.</summary>
internal sealed class UnseenRule : IHostRule
{
    public string Name => "not-looked-at";

    public Finding? Examine(DiagnosisContext context) => context.Inventory.Unseen.IsEmpty
        ? null
        : new Finding { Rule = Name, Level = FindingLevel.Note, Text = $"Not everything could be looked at. {string.Join(" ", context.Inventory.Unseen.Select(x => x.TrimEnd('.') + "."))}" };
}
