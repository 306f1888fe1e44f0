using Defuse.Devices;

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

        // It is by the port that such a program is asked for the bootloader.
        var isNeeded = board is { Mode: BoardMode.Program, Program.Kind: ProgramKind.MicroPython or ProgramKind.Betaflight or ProgramKind.ArduPilot or ProgramKind.Arduino };
        var group = port.Group ?? "dialout";
        return new Finding
        {
            Rule = Name,
            Level = isNeeded ? FindingLevel.Blocker : FindingLevel.Warning,
            Title = isNeeded ? $"runs {board.Program!.Name}, and you may not open its serial port" : null,
            Text = $"Your user may not open the board's serial port {port.Name}: that is for members of the group {group}.{(isNeeded ? " Defuse needs it to ask the program for the bootloader." : "")}",
            Evidence = [port.Problem!.Reason],
            Remedies = [new Remedy { Text = $"Join the group {group}; then log out and in again", Command = $"sudo usermod -aG {group} $USER" }],
        };
    }
}
