namespace Defuse.Diagnostics.Rules;

/// <summary>A bootloader that was opened, and could not be asked.</summary>
internal sealed class NotAnsweringRule : IDiagnosticRule
{
    public string Name => "not-answering";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board is { Mode: BoardMode.Dfu, Dfu.Problem: { } problem, DfuDevice: { Problem: null, HeldBy.IsEmpty: true } }
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "in DFU mode, and not answering",
                Text = $"The board is in DFU mode, and did not answer as it should ({problem.TrimEnd('.')}).",
                Evidence = [board.DfuDevice.Describe()],
                Remedies = [new Remedy { Text = "Unplug the board, plug it in again, and start its bootloader anew" }, .. board.Dfu.Remedy is { } remedy ? new[] { new Remedy { Text = Advice.Capital(remedy) } } : []],
            }
            : null;
}
