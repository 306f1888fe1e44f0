namespace Defuse.Diagnostics.Rules;

/// <summary>A device that is often taken for a board.</summary>
internal sealed class StrangerRule : IDiagnosticRule
{
    public string Name => "stranger";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (board.Mode != BoardMode.Stranger || board.IsHandedOver())
        {
            return null;
        }

        var isBluetooth = board.UsbDevices.Any(x => x.Interfaces.Any(y => y is { Class: 0xE0, SubClass: 1, Protocol: 1 })) || board.Name.Contains("Bluetooth", StringComparison.OrdinalIgnoreCase);
        return new Finding
        {
            Rule = Name,
            Level = FindingLevel.Note,
            Title = "leave it alone",
            Text = isBluetooth
                ? "This is a Bluetooth adapter that can be updated over DFU too. Leave it alone: Defuse does, unless you name it."
                : "This is no STM32 board that Defuse works with, though it looks like one. Defuse leaves it alone.",
            Evidence = [.. board.Evidence, .. board.UsbDevices.Select(x => x.Describe())],
        };
    }
}
