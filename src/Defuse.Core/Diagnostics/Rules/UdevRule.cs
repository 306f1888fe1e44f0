namespace Defuse.Diagnostics.Rules;

/// <summary>Rules do nothing where udev does not run.</summary>
internal sealed class UdevRule : IDiagnosticRule
{
    public string Name => "udev-not-running";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        Applies(board, context.Inventory.System)
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "in DFU mode, and you may not open it",
                Text = "The board is in DFU mode, and your user may not open it. Usually a rule of udev's changes that, but udev does not run here.",
                Remedies = [new Remedy { Text = "Flash as the administrator", Command = $"sudo {Advice.FlashCommand(board, context)}" }],
            }
            : null;

    /// <summary>Whether this user may not open it, and no rule would help.</summary>
    public static bool Applies(SeenBoard board, HostSystem system) =>
        board.Fails(AccessFailure.PermissionDenied) && board.DfuDevice is { Interfaces.IsEmpty: false } && system is { Kind: HostKind.Linux, HasUdev: false, Container: null };
}
