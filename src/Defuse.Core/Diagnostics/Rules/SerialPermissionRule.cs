using System.Collections.Immutable;

namespace Defuse.Diagnostics.Rules;

/// <summary>This user may not open a serial port.</summary>
internal sealed class SerialPermissionRule : IDiagnosticRule
{
    // What systems give serial ports to. To be in others gives more: who is in root or disk may do nearly everything.
    private static readonly ImmutableArray<string> Groups = ["dialout", "uucp", "plugdev", "tty", "modem", "serial", "usb"];

    public string Name => "serial-permission";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (context.Inventory.System is not { Kind: HostKind.Linux } || board.SerialPorts.FirstOrDefault(x => x.Problem is { Failure: AccessFailure.PermissionDenied }) is not { } port)
        {
            return null;
        }

        var group = port.Group ?? "dialout";
        var isGroup = Groups.Contains(group, StringComparer.Ordinal);
        return new Finding
        {
            Rule = Name,
            Level = board.HasNoOpenPort(context) ? FindingLevel.Blocker : FindingLevel.Warning,
            Title = "you may not open its serial port",
            Text = $"Your user may not open the board's serial port {port.Name}: {(isGroup ? $"that is for members of the group {group}" : "that is left to the administrator")}.",
            Evidence = [port.Problem!.Reason],
            Remedies =
            [
                isGroup
                    ? new Remedy { Text = $"Join the group {group}; then log out and in again", Command = $"sudo usermod -aG {group} $USER" }
                    : new Remedy { Text = "Flash as the administrator", Command = $"sudo {Advice.FlashCommand(board, context)}" },
            ],
        };
    }
}
