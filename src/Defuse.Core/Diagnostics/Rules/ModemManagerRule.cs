namespace Defuse.Diagnostics.Rules;

/// <summary>ModemManager talks to new serial ports.</summary>
internal sealed class ModemManagerRule : IDiagnosticRule
{
    public string Name => "modem-manager";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        context.Inventory.System.HasModemManager && board.Mode == BoardMode.Program && board.SerialPorts.FirstOrDefault(x => !x.IsIgnoredByModemManager) is { } port
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Note,
                Text = $"ModemManager runs on this computer: it talks to every new serial port for some seconds, in search of a modem. {port.Name} may be busy right after the board is plugged in, and get characters that nobody typed.",
                Evidence = ["ModemManager runs, and no rule keeps it away from the port"],
                Remedies = [new Remedy { Text = "Wait ten seconds after plugging the board in" }, new Remedy { Text = "If this computer has no mobile modem, switch ModemManager off", Command = "sudo systemctl disable --now ModemManager" }],
            }
            : null;
}
