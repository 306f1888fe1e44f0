namespace Defuse.Diagnostics.Rules;

/// <summary>The driver that most tools need is bound, and ST's DfuSe shows an empty list.</summary>
internal sealed class WinUsbRule : IDiagnosticRule
{
    public string Name => "driver-winusb";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        context.Inventory.System.Kind == HostKind.Windows && board is { Mode: BoardMode.Dfu, DfuDevice: { Problem: null } device } && device.HasDriver("WinUSB")
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Note,
                Text = "Windows uses the driver WinUSB for it, the right one: Defuse, STM32CubeProgrammer and dfu-util work with it. ST's old DfuSe does not, so its list stays empty. Nothing is wrong with your board or your cable.",
                Evidence = [$"driver WinUSB{(device.SystemClass is { } heading ? $", in Device Manager under {heading}" : "")}"],
                Remedies = [Advice.BackToDfuSe],
            }
            : null;
}
