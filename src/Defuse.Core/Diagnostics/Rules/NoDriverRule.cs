namespace Defuse.Diagnostics.Rules;

/// <summary>Windows has no driver for the bootloader (Code 28).</summary>
internal sealed class NoDriverRule : IDiagnosticRule
{
    public string Name => "driver-none";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board.Fails(AccessFailure.NoDriver) && board.InDfuMode() is { } device
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "in DFU mode, with no driver",
                Text = "The board is in DFU mode, and Windows has no driver for it, so that no program can reach it. Board, jumper and cable are fine.",
                Evidence =
                [
                    .. device.Problem is { } problem ? new[] { problem.Reason } : [],
                    $"Device Manager has it under {device.SystemClass ?? "Other devices"}, with code {(device.ProblemCode == 0 ? 28 : device.ProblemCode)}",
                ],
                Remedies = [.. Advice.BindWinUsb(device, Advice.FlashCommand(board, context))],
            }
            : null;
}
