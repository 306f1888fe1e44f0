namespace Defuse.Diagnostics.Rules;

/// <summary>When causes that nothing shows of are worth naming.</summary>
internal static class Candidates
{
    /// <summary>Whether no board shows, and the system would show one.</summary>
    public static bool Apply(DiagnosisContext context) =>
        context.Inventory.System is { IsWsl: false, Container: null } && context.ShowsNoBoard();
}
