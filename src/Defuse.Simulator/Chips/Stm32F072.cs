namespace Defuse.Simulator.Chips;

/// <summary>STM32F072xB: 128 KB of 2 KB pages (RM0091, section 3).</summary>
internal static class Stm32F072
{
    public static ChipModel Model { get; } = new()
    {
        Name = "STM32F072RB",
        IdCode = 0x2000_6448,

        // DS9826, "Flash memory characteristics": a page 20 to 40 ms, a half-word 53.5 us, a mass erase 20 to 40 ms; from memory.
        SingleBank = [new(64, 2048, TimeSpan.FromMilliseconds(30))],
        ProgramUnit = 2,
        ProgramTime = TimeSpan.FromMicroseconds(53.5),
        Programming = FlashProgramming.ErasedUnits,
        MassEraseTime = TimeSpan.FromMilliseconds(30),
        OptionBytes = new()
        {
            // RM0091, table "Option byte organization": RDP, USER, two data bytes and nWRP, a complement behind each; an nWRP
            // bit stands for 4 KB.
            Areas = [new(0x1FFF_F800, 0, 16)],
            Factory = [0xAA, 0x55, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00],
            ReadProtection = new(0),
            WriteProtection = new SectorBits(
                [.. Enumerable.Range(64, 8), .. Enumerable.Range(80, 8), .. Enumerable.Range(96, 8), .. Enumerable.Range(112, 8)]),
            Complements = [.. OptionComplement.Pairs(0, 8, 1)],
            ProgramTime = TimeSpan.FromMilliseconds(30),
        },
    };
}
