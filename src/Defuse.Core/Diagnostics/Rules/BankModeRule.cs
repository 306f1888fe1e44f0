using Defuse.Devices;

namespace Defuse.Diagnostics.Rules;

/// <summary>Flash that is used as two banks, or may be.</summary>
internal sealed class BankModeRule : IDiagnosticRule
{
    public string Name => "dual-bank";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) => board.Dfu switch
    {
        { IsDualBank: true } => new Finding
        {
            Rule = Name,
            Level = FindingLevel.Note,
            Text = "Its flash is set to two banks, with smaller sectors than in one. Defuse knows and erases accordingly; some other tools erase the wrong sectors then.",
            Evidence = ["its option bytes"],
        },
        { IsBankModeInDoubt: true, ReadOut: not (ReadOutProtection.Level1 or ReadOutProtection.Permanent) } => new Finding
        {
            Rule = Name,
            Level = FindingLevel.Note,
            Text = "Its flash may be used as one bank or as two, which decides how large its sectors are, and the chip did not say which. Defuse goes by the map that the board itself gives, and reads back more than usual to be sure.",
            Evidence = ["the option bytes could not be read"],
        },
        _ => null,
    };
}
