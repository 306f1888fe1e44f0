namespace Defuse.Diagnostics.Rules;

/// <summary>An unreadable board whose bootloader may lack its clock.</summary>
internal sealed class ClockRule : IDiagnosticRule
{
    public string Name => "clock";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) => UnreadableRule.IsUnreadable(board)
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Candidate,
            Text = "The bootloader may lack an exact clock. Many chips measure the board's crystal when the bootloader starts, and get USB wrong when it is missing, unusual or warm.",
            Remedies =
            [
                new Remedy { Text = "To tell: if the board's own program works on USB at this port and with this cable, and only the bootloader is not read, it is the clock" },
                new Remedy { Text = "Start the bootloader again when the board is cold, and a few times; on boards with their debug probe as the clock, leave the probe's socket connected. A pin PA10 that is not connected may disturb it too: tie it to GND or 3.3 V" },
            ],
        }
        : null;
}
