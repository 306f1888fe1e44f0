namespace Defuse.Simulator.Chips;

/// <summary>STM32G431xB: 128 KB of 2 KB pages (RM0440, section 3).</summary>
/// <remarks>Times after DS12589, factory values after RM0440; from memory, not re-read.</remarks>
internal static class Stm32G431
{
    public static ChipModel Model { get; } = new()
    {
        Name = "STM32G431KB",
        IdCode = 0x2001_6468,
        SingleBank = [new(64, 2048, TimeSpan.FromMilliseconds(22))],
        ProgramUnit = 8,
        ProgramTime = TimeSpan.FromMicroseconds(81.7),
        Programming = FlashProgramming.UnitsOnce,
        MassEraseTime = TimeSpan.FromMilliseconds(22.1),
        OptionBytes = new()
        {
            // A word and its complement each: OPTR, PCROP1SR, PCROP1ER, WRP1AR, WRP1BR. SECR follows, and is not shown.
            Areas = [new(0x1FFF_7800, 0, 40)],
            Factory = OptionByteModel.WordPairs(0xFFEF_F8AA, 0xFFFF_FFFF, 0xFFFF_0000, 0xFF00_FFFF, 0xFF00_FFFF, 0xFFFE_FF00),
            ReadProtection = new(0),
            WriteProtection = new PageRanges([new(0x18, 6, 0), new(0x20, 6, 0)], 64),
            Complements = [.. OptionComplement.Pairs(0, 6, 4)],
            ProgramTime = TimeSpan.FromMilliseconds(25),
        },
        Otp = new(0x1FFF_7000, 128, 8, HasLockBytes: false),
    };
}
