using System.Collections.Immutable;

namespace Defuse.Simulator.Chips;

/// <summary>STM32F767xI: 2 MB, in one bank or, with nDBANK = 0, in two (RM0410, section 3).</summary>
internal static class Stm32F767
{
    private static readonly ImmutableArray<SectorGroup> Bank = BankWith(7);

    public static ChipModel Model { get; } = new()
    {
        Name = "STM32F767ZI",
        IdCode = 0x1001_6451,
        SingleBank =
        [
            // DS11532, "Flash memory programming (single bank configuration nDBANK=1)", typical; recalled, not re-read.
            new(4, 32 * 1024, TimeSpan.FromMilliseconds(250)),
            new(1, 128 * 1024, TimeSpan.FromSeconds(1)),
            new(7, 256 * 1024, TimeSpan.FromSeconds(2)),
        ],
        DualBank = [.. Bank, .. Bank],

        // DS11532: 16 us a word, typical. The mass erase is inferred: the sum of the sectors.
        ProgramUnit = 4,
        ProgramTime = TimeSpan.FromMicroseconds(16),
        MassEraseTime = TimeSpan.FromSeconds(16),
        OptionBytes = new()
        {
            // RM0410, table "Option byte organization": every second word holds 16 bits. Factory values after the reset
            // values of FLASH_OPTCR (0xFFFFAAFD) and FLASH_OPTCR1 (0x00400080); reserved bytes read 0xFF (inferred).
            Areas = [new(0x1FFF_0000, 0, 48)],
            Factory =
            [
                0xFF, 0xAA, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                0x80, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x40, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
            ],
            ReadProtection = new(1),
            WriteProtection = new SectorBits([.. Enumerable.Range(64, 12)]),
            SingleBank = 64 + 13,

            // Inferred: no figure published; what erasing the smallest sector takes.
            ProgramTime = TimeSpan.FromMilliseconds(250),
        },
        Otp = new(0x1FF0_F000, 16, 64),
        DeviceFeature = 0xFFFF_0000,
    };

    /// <summary>STM32F767xG: half of each bank (RM0410, section 3, "1 Mbyte").</summary>
    public static ChipModel HalfModel { get; } = Model with
    {
        Name = "STM32F767ZG",
        SingleBank = [.. Model.SingleBank[..2], Model.SingleBank[2] with { Count = 3 }],
        DualBank = [.. BankWith(3), .. BankWith(3)],
        MassEraseTime = TimeSpan.FromSeconds(8),

        // nWRP bits keep the sectors' own numbers: 0 to 7 in one bank; 0 to 7 and 12 to 19 in two, a bit for two of them.
        OptionBytes = Model.OptionBytes with
        {
            WriteProtection = new SectorBits([.. Enumerable.Range(64, 8)]) { DualBank = [.. Enumerable.Range(64, 4), .. Enumerable.Range(70, 4)] },
        },
    };

    /// <summary>STM32F767xI as mboot shows it: flash memory in one bank, and nothing that protects it.</summary>
    public static ChipModel BehindMboot { get; } = Model with { Name = "STM32F767VI", OptionBytes = OptionByteModel.None };

    // DS11532, "Flash memory programming (dual bank configuration nDBANK=0)", x32, typical; recalled, not re-read.
    private static ImmutableArray<SectorGroup> BankWith(int large) =>
    [
        new(4, 16 * 1024, TimeSpan.FromMilliseconds(250)),
        new(1, 64 * 1024, TimeSpan.FromMilliseconds(550)),
        new(large, 128 * 1024, TimeSpan.FromSeconds(1)),
    ];
}
