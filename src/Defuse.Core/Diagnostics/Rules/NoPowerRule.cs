namespace Defuse.Diagnostics.Rules;

/// <summary>Nothing shows: the board may have no power.</summary>
internal sealed class NoPowerRule : IHostRule
{
    public string Name => "no-power";

    public Finding? Examine(DiagnosisContext context) => Candidates.Apply(context)
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Candidate,
            Text = "The board may not be powered from this socket: some take their power from the debug probe's socket, or from where a jumper says.",
            Remedies = [new Remedy { Text = "To tell: no light is on with a cable that is known to work. Connect the board's other socket too, or set its power jumper to USB" }],
        }
        : null;
}
