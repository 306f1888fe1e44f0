namespace Defuse.Diagnostics.Rules;

/// <summary>libusbK is bound.</summary>
internal sealed class LibUsbKRule : IDiagnosticRule
{
    public string Name => "driver-libusbk";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (board.InDfuMode() is not { Problem: null or { Failure: AccessFailure.LibraryMissing } } device || !device.HasDriver("libusbK"))
        {
            return null;
        }

        const string Which = "Windows uses the driver libusbK for it (somebody chose it in Zadig).";
        return device.Problem is { } problem
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "in DFU mode, with a driver that does not do here",
                Text = $"{Which} dfu-util and STM32CubeProgrammer can work with that; Defuse can't here: {problem.Reason}.",
                Evidence = ["driver libusbK"],
                Remedies = [.. Advice.BindWinUsb(device, Advice.FlashCommand(board, context)), new Remedy { Text = $"Keep the driver: {problem.Remedy}" }],
            }
            : new Finding
            {
                Rule = Name,
                Level = FindingLevel.Note,
                Text = $"{Which} Defuse, dfu-util and STM32CubeProgrammer work with it; ST's old DfuSe shows an empty list.",
                Evidence = ["driver libusbK"],
            };
    }
}
