namespace Defuse.Diagnostics.Rules;

/// <summary>The device is handed to another system (usbipd, VirtualBox, USB/IP).</summary>
internal sealed class AttachedElsewhereRule : IDiagnosticRule
{
    public string Name => "attached-elsewhere";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board.InDfuMode() is { Problem: { Failure: AccessFailure.InUse } problem } device && (device.HasDriver("VBoxUSB") || device.HasDriver("usbip-host"))
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "handed to another system",
                Text = $"The board is not this system's at the moment: {problem.Reason}.",
                Evidence = [device.Describe()],
                Remedies = [new Remedy { Text = problem.Remedy }],
            }
            : null;
}
