namespace Defuse.Simulator.Chips;

/// <summary>STM32L476xG: 1 MB in two banks of 2 KB pages (RM0351, section 3).</summary>
/// <remarks>Times after DS10198, factory values after RM0351; from memory, not re-read.</remarks>
internal static class Stm32L476
{
    public static ChipModel Model { get; } = new()
    {
        Name = "STM32L476VG",
        IdCode = 0x1007_6415,
        SingleBank = [new(512, 2048, TimeSpan.FromMicroseconds(22_020))],
        ProgramUnit = 8,
        ProgramTime = TimeSpan.FromMicroseconds(81.69),
        Programming = FlashProgramming.UnitsOnce,

        // One bank after the other (inferred).
        MassEraseTime = TimeSpan.FromMicroseconds(44_260),
        OptionBytes = new()
        {
            // A word and its complement each: OPTR, PCROP1SR, PCROP1ER, WRP1AR, WRP1BR; in the second area, those of bank 2.
            Areas = [new(0x1FFF_7800, 0, 40), new(0x1FFF_F800, 40, 40)],
            Factory =
            [
                .. OptionByteModel.WordPairs(0xFFEF_F8AA, 0xFFFF_FFFF, 0xFFFF_0000, 0xFF00_FFFF, 0xFF00_FFFF),
                .. OptionByteModel.WordPairs(0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_0000, 0xFF00_FFFF, 0xFF00_FFFF),
            ],
            ReadProtection = new(0),
            WriteProtection = new PageRanges([new(0x18, 8, 0), new(0x20, 8, 0), new(0x40, 8, 256), new(0x48, 8, 256)], 256),
            Complements = [.. OptionComplement.Pairs(0, 10, 4)],
            ProgramTime = TimeSpan.FromMilliseconds(25),
        },
        Otp = new(0x1FFF_7000, 128, 8, HasLockBytes: false),
        DeviceFeature = 0xFFFF_0000,
    };
}
