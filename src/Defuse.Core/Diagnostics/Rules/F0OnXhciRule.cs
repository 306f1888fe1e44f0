namespace Defuse.Diagnostics.Rules;

/// <summary>Chips whose ROM fails at some USB 3 ports, and works behind a hub.</summary>
internal sealed class F0OnXhciRule : IDiagnosticRule
{
    public string Name => "f0-on-xhci";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        var device = board.DfuDevice ?? board.UsbDevices.FirstOrDefault();
        if (device is not { Hubs: 0, HostController: { } controller } || !controller.Contains("xhci", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var isUnreadable = UnreadableRule.IsUnreadable(board);
        var isSuspect = board.Dfu is { Problem: not null } or { ReadOut: Devices.ReadOutProtection.Level1 };
        return (isUnreadable && MayBeF0(board, ifUnknown: true)) || (isSuspect && MayBeF0(board, ifUnknown: false))
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Candidate,
                Text = "The bootloaders of STM32F04x and F07x fail at some USB 3 ports, and may even claim a protection that is not there. Behind a hub they work.",
                Evidence = [$"plugged into the computer itself, at a USB 3 controller ({controller})"],
                Remedies = [new Remedy { Text = "To tell: put any USB hub between the board and the computer. If it works then, this was it" }],
            }
            : null;
    }

    private static bool MayBeF0(SeenBoard board, bool ifUnknown)
    {
        string[] names = [.. board.Profile is { } profile ? new[] { profile.Part } : [], .. board.Dfu?.Chips ?? []];
        return names.Length == 0 ? ifUnknown : names.Any(x => x.StartsWith("STM32F04", StringComparison.Ordinal) || x.StartsWith("STM32F07", StringComparison.Ordinal));
    }
}
