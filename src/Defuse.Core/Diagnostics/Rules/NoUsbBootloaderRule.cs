namespace Defuse.Diagnostics.Rules;

/// <summary>A chip whose ROM has no USB bootloader.</summary>
internal sealed class NoUsbBootloaderRule : IDiagnosticRule
{
    public string Name => "no-usb-bootloader";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (!board.HasNoUsbBootloader(context) || board is not { Profile: { } profile, Mode: not BoardMode.Drive })
        {
            return null;
        }

        var serial = context.Targets.Contains("uart", StringComparer.Ordinal) ? "" : ", which Defuse does not do today";
        return new Finding
        {
            Rule = Name,
            Level = FindingLevel.Blocker,
            Title = "its chip has no USB bootloader",
            Text = $"The chip on this board, an {profile.Part}, has no USB bootloader. No jumper, cable or driver will ever make it show as a DFU device. If you have tied BOOT0 high, take that off again: the chip's own program does not start while it is there.",
            Evidence = [.. board.Evidence, $"{profile.Part}: {board.Chip(context)!.UsbDfu.Evidence}"],
            Remedies =
            [
                .. Advice.ThroughProbe(board, context),
                .. board is { Probe: null, Mode: not BoardMode.ProbeOnly } ? new Remedy[] { new() { Text = "Connect an ST-LINK to its debug pins (SWDIO, SWCLK, GND), and flash it through that with STM32CubeProgrammer or OpenOCD" } } : [],
                new Remedy { Text = $"Use the chip's serial bootloader{serial}: join BOOT0 and 3.3 V, connect a USB serial adapter of 3.3 V to its pins PA9 (TX) and PA10 (RX), and use stm32flash or STM32CubeProgrammer{Manual}" },
            ],
        };
    }

    // Which pins a ROM listens on differs; these are the ones of nearly all chips without USB.
    private const string Manual = " (ST's document AN2606 has the pins of every chip)";
}
