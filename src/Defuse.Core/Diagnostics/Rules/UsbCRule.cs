namespace Defuse.Diagnostics.Rules;

/// <summary>Nothing shows: the board's USB-C socket may lack its resistors.</summary>
internal sealed class UsbCRule : IHostRule
{
    public string Name => "usb-c-without-pull-downs";

    public Finding? Examine(DiagnosisContext context) => Candidates.Apply(context)
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Candidate,
            Text = "Some boards with a USB-C socket lack two small resistors, and stay dead on a cable with USB-C at both ends.",
            Remedies = [new Remedy { Text = "To tell: the board's light is off on such a cable. Take a cable with USB-A at the computer's end, or put a hub with USB-A sockets between" }],
        }
        : null;
}
