using Defuse.Diagnostics;

namespace Defuse.Cli.Output;

/// <summary>A diagnosis, for people.</summary>
internal static class DoctorText
{
    private const string Indent = "  ";

    /// <summary>The address that a board can be flashed by; null if it shows none.</summary>
    public static string? AddressOf(SeenBoard board) =>
        board.Dfu?.Address ?? (board.DfuDevice is { } device ? $"dfu:usb-{device.Location}" : null);

    public static IEnumerable<string> Of(HostInventory inventory, Diagnosis diagnosis)
    {
        foreach (var board in diagnosis.Boards)
        {
            yield return AddressOf(board.Board) is { } address ? $"{board.Board.Name} ({address})" : board.Board.Name;
            foreach (var line in board.Findings.SelectMany(Of))
            {
                yield return Indent + line;
            }

            yield return "";
        }

        if (diagnosis.Boards.IsEmpty)
        {
            yield return "No board is seen.";
            yield return "";
        }

        foreach (var line in diagnosis.General.SelectMany(Of))
        {
            yield return line;
        }

        foreach (var line in inventory.Unseen)
        {
            yield return $"Not looked at: {line}";
        }

        if (diagnosis.Next is { } next)
        {
            yield return $"Next: {next.Text}{(next.Command is null ? "" : ":")}";
            if (next.Command is { } command)
            {
                yield return Indent + command;
            }
        }
    }

    private static IEnumerable<string> Of(Finding finding)
    {
        yield return finding.Text;
        foreach (var line in finding.Evidence)
        {
            yield return $"{Indent}because {line}";
        }

        foreach (var remedy in finding.Remedies)
        {
            yield return $"{Indent}- {remedy.Text}";
            if (remedy.Command is { } command)
            {
                yield return $"{Indent}    {command}";
            }
        }

        foreach (var line in finding.Drawing)
        {
            yield return Indent + line;
        }
    }
}
