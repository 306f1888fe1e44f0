namespace Defuse.Diagnostics.Rules;

/// <summary>Linux lets this user not open the bootloader.</summary>
internal sealed class NoPermissionRule : IDiagnosticRule
{
    public string Name => "no-permission";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        var system = context.Inventory.System;
        if (!board.Fails(AccessFailure.PermissionDenied) || system.Kind != HostKind.Linux || board.InDfuMode() is not { Problem: { } problem } device || device.Interfaces.IsEmpty || UdevRule.Applies(board, system))
        {
            return null;
        }

        return new Finding
        {
            Rule = Name,
            Level = FindingLevel.Blocker,
            Title = $"in DFU mode, and {(system.Container is null ? "you" : "this container")} may not open it",
            Text = system.Container is null
                ? "The board is in DFU mode, and your user may not open it: Linux leaves that to the administrator until a rule says otherwise."
                : "The board is in DFU mode, and this container may not open it: the right to was not given when it was started, or the computer outside keeps it for its administrator.",
            Evidence = [device.Describe(), problem.Reason],
            Remedies =
            [
                .. system.Container is null && IsInRule(device) ? new[] { Advice.Fix("Let Defuse write the rule. It shows it first, and asks for your password") } : [],
                system.Container is { } container ? ContainerRule.PassThrough(container) : Advice.ByHand(problem.Remedy),
            ],
        };
    }

    // As the file is that --fix writes: an interface in DFU mode, and the Maple bootloader.
    private static bool IsInRule(SeenUsbDevice device) =>
        device.Interfaces.Any(x => x is { Class: 0xFE, SubClass: 1, Protocol: 2 }) || device is { VendorId: 0x1EAF, ProductId: 0x0003 };
}
