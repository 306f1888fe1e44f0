namespace Defuse.Diagnostics.Rules;

/// <summary>ST's retired driver is bound.</summary>
internal sealed class StTub30Rule : IDiagnosticRule
{
    public string Name => "driver-sttub30";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board.InDfuMode() is { ProblemCode: 0, Problem: { } problem } device && device.HasDriver("STTub30")
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "in DFU mode, with a driver for ST's old DfuSe only",
                Text = "The board is in DFU mode, and Windows uses ST's old driver (STTub30) for it, which only ST's old DfuSe can work with. Defuse, STM32CubeProgrammer and dfu-util need the driver WinUSB instead.",
                Evidence = [problem.Reason, .. device.SystemName is { } name ? new[] { $"Device Manager calls it \"{name}\"" } : []],
                Remedies = [.. Advice.BindWinUsb(device, Advice.FlashCommand(board, context)), Advice.BackToDfuSe with { Text = "To go back to ST's DfuSe later: put its driver back" }],
            }
            : null;
}
