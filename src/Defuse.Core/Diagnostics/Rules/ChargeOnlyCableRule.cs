namespace Defuse.Diagnostics.Rules;

/// <summary>Nothing shows, or nothing is read: the cable may have no data wires.</summary>
internal sealed class ChargeOnlyCableRule : IHostRule
{
    public string Name => "charge-only-cable";

    public Finding? Examine(DiagnosisContext context) => Candidates.Apply(context)
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Candidate,
            Text = "The cable may be one for charging only, without the wires for data.",
            Remedies = [new Remedy { Text = "To tell: the board's light is on, and the computer makes no sound and shows nothing. Take a cable that has carried data before (with a phone, say)" }],
        }
        : null;
}
