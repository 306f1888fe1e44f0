using System.Collections.Immutable;

namespace Defuse.Diagnostics.Rules;

/// <summary>Another program has the device open.</summary>
internal sealed class HeldRule : IDiagnosticRule
{
    private static readonly ImmutableArray<string> Carriers = ["VBoxUSB", "usbip-host"];

    public string Name => "held-by-other-program";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (board.InDfuMode() is { } device && !Carriers.Any(device.HasDriver) && (!device.HeldBy.IsEmpty || board.Fails(AccessFailure.InUse)))
        {
            return Held(device.HeldBy, device.Problem?.Remedy, FindingLevel.Blocker, "the board");
        }

        return board.Mode == BoardMode.Program && board.OwnPorts().FirstOrDefault(x => !x.HeldBy.IsEmpty) is { } port
            ? Held(port.HeldBy, null, board.HasNoOpenPort(context) ? FindingLevel.Blocker : FindingLevel.Warning, $"its serial port {port.Name}")
            : null;
    }

    private Finding Held(IReadOnlyCollection<string> holders, string? remedy, FindingLevel level, string what)
    {
        var names = Advice.Listed(holders);
        return new Finding
        {
            Rule = Name,
            Level = level,
            Title = "in use by another program",
            Text = $"Another program has {what} open{(names.Length == 0 ? "" : $": {names}")}. Only one can use it at a time.",
            Evidence = [.. holders.Select(x => $"held by {x}")],
            Remedies = [new Remedy { Text = names.Length == 0 ? remedy ?? "Close the program that uses the board" : $"Close {names}, then try again" }],
        };
    }
}
