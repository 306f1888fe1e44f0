using Defuse.Devices;

namespace Defuse.Diagnostics.Rules;

/// <summary>What a board in its ROM's bootloader needs to run its program afterwards.</summary>
internal sealed class Boot0Rule : IDiagnosticRule
{
    public string Name => "boot0-still-high";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) => board.IsRom() && board.IsReady() && Undo(board.Profile?.DfuByHand) is { } undo
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Note,
            Text = $"{undo}: as long as BOOT0 is high, every reset and every power-up leads back into the bootloader, and not to your program.",
        }
        : null;

    private static string? Undo(DfuByHand? way) => way switch
    {
        null => "After flashing, undo the wire, jumper or switch that makes BOOT0 high, if there is one",
        { Selection: BootSelection.Button } => null,
        { Selection: BootSelection.Jumper or BootSelection.Switch } => $"After flashing, move {way.Boot0} back",
        _ => $"After flashing, take the wire or jumper between {DfuStepText.Pins(way)} off, if there is one",
    };
}
