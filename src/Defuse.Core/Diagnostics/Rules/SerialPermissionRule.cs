namespace Defuse.Diagnostics.Rules;

/// <summary>This user may not open a serial port.</summary>
internal sealed class SerialPermissionRule : IDiagnosticRule
{
    public string Name => "serial-permission";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (context.Inventory.System is not { Kind: HostKind.Linux } || board.SerialPorts.FirstOrDefault(x => x.Problem is { Failure: AccessFailure.PermissionDenied }) is not { } port)
        {
            return null;
        }

        var group = port.Group ?? "dialout";
        return new Finding
        {
            Rule = Name,
            Level = FindingLevel.Warning,
            Text = $"Your user may not open the board's serial port {port.Name}: that is for members of the group {group}.",
            Evidence = [port.Problem!.Reason],
            Remedies = [new Remedy { Text = $"Join the group {group}; then log out and in again", Command = $"sudo usermod -aG {group} $USER" }],
        };
    }
}
