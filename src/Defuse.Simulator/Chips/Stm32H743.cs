using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Defuse.Simulator.Chips;

/// <summary>STM32H743xI: 2 MB in two banks that follow each other (RM0433, section 4).</summary>
internal static class Stm32H743
{
    /// <summary>DBGMCU_IDCODE of revision V.</summary>
    public const uint RevisionV = 0x2003_6450;

    /// <summary>DBGMCU_IDCODE of revision Y.</summary>
    public const uint RevisionY = 0x1003_6450;

    // The ROM's option area begins at FLASH_OPTSR_CUR; offsets below count from there.
    private const int WindowSize = 0x134;

    private static readonly ImmutableArray<(OptionRegister Register, uint Factory)> Registers =
    [
        // Factory values after RM0433's register descriptions; from memory, not re-read.
        (new(0x00, 0x04), 0x1BC6_AAF0), // FLASH_OPTSR
        (new(0x0C, 0x10), 0x0000_00FF), // FLASH_PRAR, bank 1
        (new(0x14, 0x18), 0x0000_00FF), // FLASH_SCAR, bank 1
        (new(0x1C, 0x20), 0x0000_00FF), // FLASH_WPSN, bank 1
        (new(0x24, 0x28), 0x1FF0_0800), // FLASH_BOOT
        (new(0x10C, 0x110), 0x0000_00FF), // FLASH_PRAR, bank 2
        (new(0x114, 0x118), 0x0000_00FF), // FLASH_SCAR, bank 2
        (new(0x11C, 0x120), 0x0000_00FF), // FLASH_WPSN, bank 2
    ];

    public static ChipModel Model { get; } = new()
    {
        Name = "STM32H743ZI",
        IdCode = RevisionV,

        // DS12110, "Flash memory programming", x64, typical: 128 KB 1 s, a flash word of 32 bytes 100 us, a bank 5 s
        // (the whole chip, one bank after the other, is inferred).
        SingleBank = [new(16, 128 * 1024, TimeSpan.FromSeconds(1))],
        ProgramUnit = 32,
        ProgramTime = TimeSpan.FromMicroseconds(100),
        Programming = FlashProgramming.UnitsOnce,
        MassEraseTime = TimeSpan.FromSeconds(10),
        OptionBytes = new()
        {
            Areas = [new(0x5200_201C, 0, 128)],
            Factory = Factory(),
            ReadProtection = new(1),
            WriteProtection = new SectorBits([.. Enumerable.Range(0x1C * 8, 8), .. Enumerable.Range(0x11C * 8, 8)]),
            Registers = [.. Registers.Select(x => x.Register)],

            // Inferred: no figure published.
            ProgramTime = TimeSpan.FromMilliseconds(250),
        },
    };

    private static ImmutableArray<byte> Factory()
    {
        var bytes = new byte[WindowSize];
        foreach (var (register, value) in Registers)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(register.Current), value);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(register.Program), value);
        }

        return [.. bytes];
    }
}
