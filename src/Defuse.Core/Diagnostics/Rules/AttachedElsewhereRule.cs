namespace Defuse.Diagnostics.Rules;

/// <summary>The device is handed to another system (usbipd, VirtualBox, USB/IP).</summary>
internal sealed class AttachedElsewhereRule : IDiagnosticRule
{
    public string Name => "attached-elsewhere";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board.IsHandedOver() ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Blocker,
            Title = "handed to another system",
            Text = "WSL, a virtual machine or another computer was given what is plugged in here, and Windows no longer shows what it is. If it is your board, it is not this system's at the moment.",
            Evidence = [.. board.UsbDevices.Select(x => x.Describe())],
            Remedies =
            [
                new Remedy
                {
                    Text = "If it is your board: use it there, or take it back. `usbipd list` shows its BUSID, for these commands; in VirtualBox, untick it under Devices > USB",
                    Command = "usbipd detach --busid BUSID; usbipd unbind --busid BUSID",
                },
            ],
        }
        : board.InDfuMode() is { Problem: { Failure: AccessFailure.InUse } problem } device && (device.HasDriver("VBoxUSB") || device.HasDriver("usbip-host"))
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
