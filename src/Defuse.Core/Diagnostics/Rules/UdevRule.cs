namespace Defuse.Diagnostics.Rules;

/// <summary>Rules do nothing where udev does not run.</summary>
internal sealed class UdevRule : IDiagnosticRule
{
    public string Name => "udev-not-running";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board.Fails(AccessFailure.PermissionDenied) && context.Inventory.System is { Kind: HostKind.Linux, HasUdev: false, Container: null }
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Text = "udev does not run here, the service that gives users the right to devices: a rule would do nothing.",
                Remedies = [new Remedy { Text = "Flash as the administrator", Command = $"sudo {Advice.FlashCommand(board, context)}" }],
            }
            : null;
}
