using System.Collections.Immutable;

namespace Defuse.Diagnostics.Rules;

/// <summary>A driver is bound that lets no program at the device, or that Windows could not load.</summary>
internal sealed class OtherDriverRule : IDiagnosticRule
{
    private static readonly ImmutableArray<string> Others = ["WinUSB", "libusbK", "libusb0", "STTub30"];

    public string Name => "driver-other";

    public Finding? Examine(SeenBoard board, DiagnosisContext context) =>
        board.Fails(AccessFailure.WrongDriver) && board.InDfuMode() is { Problem: { } problem } device && (device.ProblemCode != 0 || !Others.Any(device.HasDriver))
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "in DFU mode, with the wrong driver",
                Text = $"The board is in DFU mode, and no program can reach it: {problem.Reason}.",
                Evidence = [device.Describe()],
                Remedies = [.. Advice.BindWinUsb(device, Advice.FlashCommand(board, context))],
            }
            : null;
}
