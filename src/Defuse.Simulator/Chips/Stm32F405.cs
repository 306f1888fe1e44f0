namespace Defuse.Simulator.Chips;

/// <summary>STM32F405xG: 1 MB in one bank (RM0090, section 3).</summary>
internal static class Stm32F405
{
    public static ChipModel Model { get; } = new()
    {
        Name = "STM32F405RG",
        IdCode = 0x1007_6413,
        SingleBank =
        [
            // DS8626, "Flash memory programming", program/erase parallelism x32, typical.
            new(4, 16 * 1024, TimeSpan.FromMilliseconds(250)),
            new(1, 64 * 1024, TimeSpan.FromMilliseconds(550)),
            new(7, 128 * 1024, TimeSpan.FromSeconds(1)),
        ],

        // DS8626, same table: 16 us a word, mass erase 8 s, x32, typical.
        ProgramUnit = 4,
        ProgramTime = TimeSpan.FromMicroseconds(16),
        MassEraseTime = TimeSpan.FromSeconds(8),
        OptionBytes = new()
        {
            // RM0090, table "Option byte organization": RDP and user bytes in the first word, nWRP in the third.
            // Factory values after the reset value of FLASH_OPTCR, 0x0FFFAAED; reserved bytes read 0xFF (inferred).
            Areas = [new(0x1FFF_C000, 0, 16)],
            Factory = [0xEF, 0xAA, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            ReadProtection = new(1),
            WriteProtection = new SectorBits([.. Enumerable.Range(64, 12)]),

            // Inferred: no figure published; what erasing the smallest sector takes.
            ProgramTime = TimeSpan.FromMilliseconds(250),
        },
        Otp = new(0x1FFF_7800, 16, 32),
        DeviceFeature = 0xFFFF_0000,
    };
}
