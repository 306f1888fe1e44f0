namespace Defuse.Diagnostics.Rules;

/// <summary>A board that can be flashed now.</summary>
internal sealed class ReadyRule : IDiagnosticRule
{
    public string Name => "ready";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) => board.IsReady()
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Note,
            Title = "ready to be flashed",
            IsWayForward = true,
            Text = "It is in DFU mode, which is what Defuse needs: it can be flashed now.",
            Evidence = [board.DfuDevice!.Describe()],
            Remedies = [new Remedy { Text = "Flash it, with your file's name for FILE (firmware.dfu, for instance)", Command = Advice.FlashCommand(board, context) }],
        }
        : null;
}
