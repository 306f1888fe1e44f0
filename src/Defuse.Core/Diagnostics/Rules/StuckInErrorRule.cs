namespace Defuse.Diagnostics.Rules;

/// <summary>A bootloader that waits in dfuERROR.</summary>
internal sealed class StuckInErrorRule : IDiagnosticRule
{
    private const int DfuError = 10;

    public string Name => "stuck-in-error";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) => board.Dfu?.State == DfuError
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Note,
            Text = "Its bootloader still remembers an error from the last program that talked to it. That is harmless: Defuse clears it when it begins.",
            Evidence = [$"state dfuERROR{(board.Dfu.Status is { } status ? $", status {status}" : "")}"],
        }
        : null;
}
