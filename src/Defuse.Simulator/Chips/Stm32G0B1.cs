namespace Defuse.Simulator.Chips;

/// <summary>STM32G0B1xE: 512 KB in two banks of 2 KB pages (RM0444, section 3).</summary>
/// <remarks>Times after DS13560, factory values after RM0444; from memory, not re-read.</remarks>
internal static class Stm32G0B1
{
    public static ChipModel Model { get; } = new()
    {
        Name = "STM32G0B1RE",
        IdCode = 0x1000_6467,
        SingleBank = [new(256, 2048, TimeSpan.FromMilliseconds(22))],
        ProgramUnit = 8,
        ProgramTime = TimeSpan.FromMicroseconds(85),
        Programming = FlashProgramming.UnitsOnce,
        MassEraseTime = TimeSpan.FromMilliseconds(44.2),
        OptionBytes = new()
        {
            // A word and its complement each: OPTR, PCROP1ASR, PCROP1AER, WRP1AR, WRP1BR, PCROP1BSR, PCROP1BER, PCROP2ASR,
            // PCROP2AER, WRP2AR, WRP2BR, PCROP2BSR, PCROP2BER, an unused one, SECR.
            Areas = [new(0x1FFF_7800, 0, 0x78)],
            Factory = OptionByteModel.WordPairs(
                0xFFFF_FEAA, 0xFFFF_FFFF, 0xFFFF_FE00, 0xFF80_FFFF, 0xFF80_FFFF, 0xFFFF_FFFF, 0xFFFF_FE00, 0xFFFF_FFFF,
                0xFFFF_FE00, 0xFF80_FFFF, 0xFF80_FFFF, 0xFFFF_FFFF, 0xFFFF_FE00, 0xFFFF_FFFF, 0xF00E_FF00),
            ReadProtection = new(0),
            WriteProtection = new PageRanges([new(0x18, 7, 0), new(0x20, 7, 0), new(0x48, 7, 128), new(0x50, 7, 128)], 128),
            Complements = [.. OptionComplement.Pairs(0, 15, 4)],
            ProgramTime = TimeSpan.FromMilliseconds(25),
        },
        Otp = new(0x1FFF_7000, 128, 8, HasLockBytes: false),
    };
}
