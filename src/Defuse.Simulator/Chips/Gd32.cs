namespace Defuse.Simulator.Chips;

/// <summary>GigaDevice's GD32F103x8 and GD32VF103xB: the flash memory of an STM32F103, in 1 KB pages.</summary>
/// <remarks>Times after their data sheets, from memory; option bytes as an STM32F103 has them (PM0075), inferred.</remarks>
internal static class Gd32
{
    public static ChipModel F103 { get; } = Of("GD32F103C8", 64);

    public static ChipModel VF103 { get; } = Of("GD32VF103CB", 128);

    private static ChipModel Of(string name, int pages) => new()
    {
        Name = name,
        IdCode = 0x1303_0410,
        SingleBank = [new(pages, 1024, TimeSpan.FromMilliseconds(60))],
        ProgramUnit = 2,
        ProgramTime = TimeSpan.FromMicroseconds(20),
        Programming = FlashProgramming.ErasedUnits,
        MassEraseTime = TimeSpan.FromSeconds(3),
        OptionBytes = new()
        {
            Areas = [new(0x1FFF_F800, 0, 16)],
            Factory = [0xA5, 0x5A, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00],
            ReadProtection = new(0, Level0: 0xA5, Level2: null),

            // An nWRP bit stands for 4 KB; those of pages that are not there do nothing.
            WriteProtection = new SectorBits(
                [.. Enumerable.Range(0, 4).SelectMany(x => Enumerable.Range(64 + (16 * x), 8)).Take(pages / 4)]),
            Complements = [.. OptionComplement.Pairs(0, 8, 1)],
            ProgramTime = TimeSpan.FromMilliseconds(60),
        },
    };
}
