using Defuse.Devices;

namespace Defuse.Diagnostics.Rules;

/// <summary>A chip that keeps its memory from being read.</summary>
internal sealed class ReadProtectedRule : IDiagnosticRule
{
    public string Name => "read-protected";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        var device = Advice.Device(board, context);
        return board.Dfu?.ReadOut switch
        {
            ReadOutProtection.Level1 => new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "in DFU mode, and locked",
                Text = "The board is in DFU mode, and its chip is locked (read-out protection, level 1): its bootloader neither reads nor writes its memory. It can be unlocked, and that erases everything on the chip.",
                Evidence = ["its option bytes say level 1"],
                Remedies =
                [
                    new Remedy { Text = "See what would be lost; this changes nothing yet", Command = $"defuse unprotect{device}" },
                    new Remedy { Text = "Then unlock it, which erases everything on the chip; after that it can be flashed", Command = $"defuse unprotect --yes{device}" },
                ],
            },
            ReadOutProtection.Permanent => new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "locked for good",
                Text = "The chip is locked for good (read-out protection, level 2): nobody can take that off, and nothing can be flashed through its bootloader.",
                Evidence = ["its option bytes say level 2"],
                Remedies = [new Remedy { Text = "Use another board, or the update that the program on it may offer itself" }],
            },
            ReadOutProtection.Half => new Finding
            {
                Rule = Name,
                Level = FindingLevel.Note,
                Text = "The secure part of its memory is closed (read-out protection, level 0.5); the other part can be flashed.",
                Evidence = ["its option bytes say level 0.5"],
            },
            _ => null,
        };
    }
}
