namespace Defuse.Diagnostics.Rules;

/// <summary>Whatever else keeps a bootloader from being opened: a missing library, a right on another system.</summary>
internal sealed class OtherAccessRule : IDiagnosticRule
{
    public string Name => "cannot-open";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (board is not { Mode: BoardMode.Dfu, DfuDevice: { Problem: { } problem } device })
        {
            return null;
        }

        var isOwn = problem.Failure == AccessFailure.LibraryMissing && !device.HasDriver("libusbK");

        // Linux shows no interface of a device that nobody may use (USBGuard): no right to its node would change that.
        isOwn |= problem.Failure == AccessFailure.PermissionDenied && (context.Inventory.System.Kind != HostKind.Linux || device.Interfaces.IsEmpty);
        isOwn |= problem.Failure == AccessFailure.EnumerationFailed && !UnreadableRule.IsUnreadable(board);
        return isOwn
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "in DFU mode, and it cannot be opened",
                Text = $"The board is in DFU mode, and Defuse cannot open it: {problem.Reason}.",
                Evidence = [device.Describe()],
                Remedies = [new Remedy { Text = problem.Remedy }],
            }
            : null;
    }
}
