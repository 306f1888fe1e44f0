namespace Defuse.Diagnostics.Rules;

/// <summary>A serial adapter, with whatever is wired to it.</summary>
internal sealed class SerialAdapterRule : IDiagnosticRule
{
    public string Name => "serial-adapter";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) => board.Mode == BoardMode.SerialAdapter
        ? new Finding
        {
            Rule = Name,
            Level = FindingLevel.Note,
            Title = "no board by itself",
            Text = "This is a USB serial adapter; what is wired to it does not show."
                + (context.Targets.Contains("uart", StringComparer.Ordinal) ? "" : " Defuse flashes over USB, and not over a serial line today: if it sits on an STM32 board, look for the chip's own USB socket."),
            Evidence = [.. board.SerialPorts.Select(x => $"serial port {x.Name}")],
        }
        : null;
}
