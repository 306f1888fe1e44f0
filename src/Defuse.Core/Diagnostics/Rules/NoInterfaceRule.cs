namespace Defuse.Diagnostics.Rules;

/// <summary>The right driver is bound, and its installation left no interface to open.</summary>
internal sealed class NoInterfaceRule : IDiagnosticRule
{
    public string Name => "driver-no-interface";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board.Fails(AccessFailure.WrongDriver) && board.InDfuMode() is { ProblemCode: 0 } device && (device.HasDriver("WinUSB") || device.HasDriver("libusbK"))
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "in DFU mode, with an incomplete driver",
                Text = "The board is in DFU mode with the right driver, which was installed incompletely: it has no name (an interface GUID) by which programs open it.",
                Evidence = [device.Problem!.Reason],
                Remedies = [new Remedy { Text = "Plug the board in again; if that does not help, go on with the next" }, .. Advice.BindWinUsb(device, Advice.FlashCommand(board, context))],
            }
            : null;
}
