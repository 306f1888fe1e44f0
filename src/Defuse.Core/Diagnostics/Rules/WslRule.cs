namespace Defuse.Diagnostics.Rules;

/// <summary>A Linux inside Windows, which sees no USB device until Windows hands it over.</summary>
internal sealed class WslRule : IHostRule
{
    public string Name => "wsl-without-device";

    public Finding? Examine(DiagnosisContext context) => context.Inventory.System.IsWsl && context.ShowsNoBoard()
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Blocker,
            Text = "This is Linux inside Windows (WSL). It sees no USB device until Windows hands one over, and no board has been handed over.",
            Evidence = [context.Inventory.System.Version, "no board among the USB devices"],
            Remedies =
            [
                new Remedy
                {
                    Text = "Hand the board over with usbipd, a free program for Windows",
                    Steps =
                    [
                        "In Windows, open a PowerShell as administrator, and get usbipd: winget install usbipd",
                        "Find the board in the list that `usbipd list` prints, and its BUSID in the first column (2-3, for instance)",
                        "Let it be shared, once: usbipd bind --busid BUSID",
                        "Hand it over: usbipd attach --wsl --busid BUSID --auto-attach. That one goes on running: a board leaves and comes back when its bootloader starts, and has to be handed over again",
                    ],
                    Command = "defuse doctor",
                },
                new Remedy { Text = "Use Defuse in Windows itself" },
            ],
        }
        : null;
}
