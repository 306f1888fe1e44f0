using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Defuse.Simulator.Chips;

/// <summary>STM32H563xI: 2 MB in two banks of 8 KB sectors (RM0481, section 7).</summary>
/// <remarks>
/// It has a product state (0xED, open, in bits 8 to 15 of FLASH_OPTSR) and no read-out protection; how its bootloader
/// behaves in the other states is not known, and so there is no other. Times after DS14258, factory values after RM0481;
/// from memory, not re-read.
/// </remarks>
internal static class Stm32H563
{
    // Offsets from FLASH_OPTSR_CUR on; the registers of bank 2 are a second area.
    private const int FirstSize = 0xB0;

    private static readonly ImmutableArray<(OptionRegister Register, uint Factory)> Registers =
    [
        (new(0x00, 0x04), 0x2D30_EDF8), // FLASH_OPTSR: open; BOOT_UBE 0xB4
        (new(0x10, 0x14), 0), // FLASH_NSEPOCHR
        (new(0x18, 0x1C), 0), // FLASH_SECEPOCHR
        (new(0x20, 0x24), 0xC300_0030), // FLASH_OPTSR2: TrustZone off
        (new(0x30, 0x34), 0x0800_00C3), // FLASH_NSBOOTR
        (new(0x38, 0x3C), 0x0C00_00C3), // FLASH_SECBOOTR
        (new(0x40, 0x44), 0), // FLASH_OTPBLR
        (new(0x90, 0x94), 0x0000_007F), // FLASH_SECWM1R
        (new(0x98, 0x9C), 0xFFFF_FFFF), // FLASH_WRP1R
        (new(0xA0, 0xA4), 0), // FLASH_EDATA1R
        (new(0xA8, 0xAC), 0x0000_0001), // FLASH_HDP1R
        (new(FirstSize + 0x00, FirstSize + 0x04), 0x0000_007F), // FLASH_SECWM2R
        (new(FirstSize + 0x08, FirstSize + 0x0C), 0xFFFF_FFFF), // FLASH_WRP2R
        (new(FirstSize + 0x10, FirstSize + 0x14), 0), // FLASH_EDATA2R
        (new(FirstSize + 0x18, FirstSize + 0x1C), 0x0000_0001), // FLASH_HDP2R
    ];

    public static ChipModel Model { get; } = new()
    {
        Name = "STM32H563ZI",
        IdCode = 0x1001_6484,
        SingleBank = [new(256, 8192, TimeSpan.FromMilliseconds(2))],
        ProgramUnit = 16,
        ProgramTime = TimeSpan.FromMicroseconds(35),
        Programming = FlashProgramming.UnitsOnce,
        MassEraseTime = TimeSpan.FromMilliseconds(512),
        OptionBytes = new()
        {
            Areas = [new(0x4002_2050, 0, FirstSize), new(0x4002_21E0, FirstSize, 0x20)],
            Factory = Factory(),

            // A bit for four sectors.
            WriteProtection = new SectorBits([.. Enumerable.Range(0x98 * 8, 32), .. Enumerable.Range((FirstSize + 0x08) * 8, 32)]),
            Registers = [.. Registers.Select(x => x.Register)],
            ProgramTime = TimeSpan.FromMilliseconds(25),
        },
    };

    private static ImmutableArray<byte> Factory()
    {
        var bytes = new byte[FirstSize + 0x20];
        foreach (var (register, value) in Registers)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(register.Current), value);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(register.Program), value);
        }

        return [.. bytes];
    }
}
