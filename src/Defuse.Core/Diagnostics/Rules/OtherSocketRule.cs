namespace Defuse.Diagnostics.Rules;

/// <summary>Another device may be the other socket of a board of which only the probe shows.</summary>
internal sealed class OtherSocketRule : IDiagnosticRule
{
    public string Name => "other-socket";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board.IsProbeOnly() && board.OtherSocket(context) is { } other
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Note,
                Title = $"its {board.ProbeName()}",
                Text = $"This is its {board.ProbeName()}. What is at {other.UsbDevices.FirstOrDefault()?.Location ?? "another port"} ({other.Name}) "
                    + (other.IsProbablyThatOf(board, context)
                        ? "is probably the same board's other USB socket: see there."
                        : "may be the same board's other USB socket: see there. If it is another board's, connect this board's own USB as well."),
            }
            : null;
}
