namespace Defuse.Simulator.Chips;

/// <summary>STM32L072xZ: 192 KB of 128-byte pages that are erased to 0, and 6 KB of data EEPROM (RM0376, section 3).</summary>
/// <remarks>Times after DS10685, factory values after RM0376; from memory, not re-read.</remarks>
internal static class Stm32L072
{
    // What is erased or programmed takes this, be it a word, half a page or a page.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(3.28);

    public static ChipModel Model { get; } = new()
    {
        Name = "STM32L072CZ",
        IdCode = 0x1008_6447,
        SingleBank = [new(1536, 128, Step)],
        ErasedByte = 0x00,

        // Half a page at a time; that the ROM programs so, rather than single words, is inferred.
        ProgramUnit = 64,
        ProgramTime = Step,
        Programming = FlashProgramming.SetsBits,

        // Page by page (inferred).
        MassEraseTime = 1536 * Step,
        OptionBytes = new()
        {
            // Half-words, each followed by its complement: OPTR (0x8070_00AA), then WRPROT1 and WRPROT2, whose bits protect
            // 4 KB each when they are 1. What the rest of the area reads is not documented.
            Areas = [new(0x1FF8_0000, 0, 32)],
            Factory =
            [
                0xAA, 0x00, 0x55, 0xFF, 0x70, 0x80, 0x8F, 0x7F, 0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00, 0xFF, 0xFF,
                0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            ],
            ReadProtection = new(0),
            WriteProtection = new SectorBits(
                [.. Enumerable.Range(0x08 * 8, 16), .. Enumerable.Range(0x0C * 8, 16), .. Enumerable.Range(0x10 * 8, 16)], Protects: true),
            Complements = [.. OptionComplement.Pairs(0, 5, 2)],
            ProgramTime = 5 * Step,
        },
        DataEeprom = new(0x0808_0000, 6 * 1024, Step),
    };
}
