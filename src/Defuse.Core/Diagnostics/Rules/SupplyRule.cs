namespace Defuse.Diagnostics.Rules;

/// <summary>An unreadable board that may lack power.</summary>
internal sealed class SupplyRule : IDiagnosticRule
{
    public string Name => "supply";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) => UnreadableRule.IsUnreadable(board)
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Candidate,
            Text = "The board may get too little power, or none from this socket: some are powered through their debug probe's socket or a jumper.",
            Remedies = [new Remedy { Text = "To tell: its power light is off or flickers. Connect the board's other USB socket too, set its power jumper, and take off what is plugged onto it" }],
        }
        : null;
}
