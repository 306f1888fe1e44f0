namespace Defuse.Simulator.Chips;

/// <summary>STM32U585xI: 2 MB in two banks of 8 KB pages (RM0456, section 7), with TrustZone off.</summary>
/// <remarks>Times after DS13086, factory values after RM0456; from memory, not re-read.</remarks>
internal static class Stm32U585
{
    public static ChipModel Model { get; } = new()
    {
        Name = "STM32U585AI",
        IdCode = 0x2001_6482,
        SingleBank = [new(256, 8192, TimeSpan.FromMilliseconds(1.5))],
        ProgramUnit = 16,
        ProgramTime = TimeSpan.FromMicroseconds(118),
        Programming = FlashProgramming.UnitsOnce,
        MassEraseTime = TimeSpan.FromMilliseconds(390),
        OptionBytes = new()
        {
            // Registers from FLASH_OPTR on, which read and take values at the same place. RDP 0x55 is level 0.5 where
            // TrustZone is on, which it is not.
            Areas = [new(0x4002_2040, 0, 64)],
            Factory =
            [
                .. Words(
                    0x1FEF_F8AA, // FLASH_OPTR
                    0x0800_007F, 0x0BF9_007F, 0x0C00_007C, // NSBOOTADD0, NSBOOTADD1, SECBOOTADD0
                    0xFF80_FFFF, 0x0F80_0F80, // SECWM1R1, SECWM1R2
                    0xFF80_FFFF, 0xFF80_FFFF, // WRP1AR, WRP1BR
                    0xFF80_FFFF, 0x0F80_0F80, // SECWM2R1, SECWM2R2
                    0xFF80_FFFF, 0xFF80_FFFF, // WRP2AR, WRP2BR
                    0, 0, 0, 0), // the OEM keys, which read 0
            ],
            ReadProtection = new(0, Level1: 0xDC),
            WriteProtection = new PageRanges([new(0x18, 7, 0), new(0x1C, 7, 0), new(0x28, 7, 128), new(0x2C, 7, 128)], 128),
            ProgramTime = TimeSpan.FromMilliseconds(25),
        },
        Otp = new(0x0BFA_0000, 32, 16, HasLockBytes: false),
    };

    private static IEnumerable<byte> Words(params uint[] words) => words.SelectMany(BitConverter.GetBytes);
}
