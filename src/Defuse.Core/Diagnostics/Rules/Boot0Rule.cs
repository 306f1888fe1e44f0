namespace Defuse.Diagnostics.Rules;

/// <summary>What a board in its ROM's bootloader needs to run its program afterwards.</summary>
internal sealed class Boot0Rule : IDiagnosticRule
{
    public string Name => "boot0-still-high";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) => board.IsRom() && board.IsReady()
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Note,
            Text = "If you tied BOOT0 high with a wire, a jumper or a switch, undo that after flashing: as long as it is high, every reset and every power-up leads back into the bootloader, and not to your program.",
        }
        : null;
}
