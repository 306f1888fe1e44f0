namespace Defuse.Diagnostics.Rules;

/// <summary>What a probe's drive says of the last file that was put on it.</summary>
internal sealed class DriveRefusedRule : IDiagnosticRule
{
    public string Name => "drive-refused-file";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board.Volumes.FirstOrDefault(x => x.Failure is not null) is { Failure: { } failure } volume
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Warning,
                Text = $"The last file that was copied to its drive was not taken: \"{failure.ReplaceLineEndings(" ").Trim()}\".",
                Evidence = [$"FAIL.TXT on {volume.Path ?? volume.Label ?? "its drive"}"],
                Remedies = [new Remedy { Text = "Plug the board in again, and copy a .bin or .hex file: the drive takes no other kind", Command = "defuse convert FILE -o firmware.bin" }],
            }
            : null;
}
