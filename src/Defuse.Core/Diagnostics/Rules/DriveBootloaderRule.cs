namespace Defuse.Diagnostics.Rules;

/// <summary>A bootloader that shows a drive.</summary>
internal sealed class DriveBootloaderRule : IDiagnosticRule
{
    public string Name => "drive-bootloader";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (board.Mode != BoardMode.Drive)
        {
            return null;
        }

        var drive = board.Volumes.FirstOrDefault(x => x.Path is not null)?.Path;
        return new Finding
        {
            Rule = Name,
            Level = FindingLevel.Note,
            Title = "takes firmware as a drive",
            IsWayForward = true,
            Text = "It waits for firmware as a drive: it takes a .uf2 file that is copied to it, made for this very board.",
            Evidence = board.Evidence,
            Remedies =
            [
                new Remedy { Text = drive is null ? "Open its drive (it is not mounted), and copy a .uf2 file to it" : $"Copy a .uf2 file to {drive}" },
            ],
        };
    }
}
