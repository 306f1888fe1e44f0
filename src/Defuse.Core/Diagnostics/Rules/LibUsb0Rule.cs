namespace Defuse.Diagnostics.Rules;

/// <summary>libusb-win32's driver is bound.</summary>
internal sealed class LibUsb0Rule : IDiagnosticRule
{
    public string Name => "driver-libusb0";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (board.InDfuMode() is not { ProblemCode: 0 } device || !device.HasDriver("libusb0"))
        {
            return null;
        }

        const string Which = "Windows uses the old driver libusb0 for it (somebody chose libusb-win32 in Zadig).";
        return device.Problem is { } problem
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "in DFU mode, with an old driver",
                Text = $"{Which} Only some builds of dfu-util work with that; Defuse, STM32CubeProgrammer and ST's DfuSe do not.",
                Evidence = [problem.Reason],
                Remedies = [.. Advice.BindWinUsb(device, Advice.FlashCommand(board, context))],
            }
            : new Finding { Rule = Name, Level = FindingLevel.Note, Text = $"{Which} Defuse reaches it here; STM32CubeProgrammer and ST's DfuSe do not.", Evidence = ["driver libusb0"] };
    }
}
