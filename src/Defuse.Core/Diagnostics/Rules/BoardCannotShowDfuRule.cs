namespace Defuse.Diagnostics.Rules;

/// <summary>A board whose socket is not wired to the pins that the ROM uses.</summary>
internal sealed class BoardCannotShowDfuRule : IDiagnosticRule
{
    public string Name => "board-cannot-show-dfu";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board is { Profile: { DfuObstacle: { } obstacle } profile, Mode: not BoardMode.Dfu }
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "its USB bootloader shows at no socket",
                Text = $"The chip has a USB bootloader, and this board does not show it: {obstacle}. No jumper will change that.{(profile.IsConfirmed ? "" : " Check your board's manual: nobody has compared this with it.")}",
                Evidence = board.Evidence,
                Remedies =
                [
                    .. Advice.ThroughProbe(board, context),
                    .. board is { Probe: null, Mode: not BoardMode.ProbeOnly } ? new[] { new Remedy { Text = "Connect the USB socket of its debug probe, and look again", Command = "defuse doctor" } } : [],
                ],
            }
            : null;
}
