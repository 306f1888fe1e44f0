using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>The chips that Defuse knows.</summary>
/// <remarks>Immutable.</remarks>
public sealed class ChipDatabase
{
    /// <param name="chips">The chips; no two with the same id.</param>
    public ChipDatabase(IEnumerable<ChipProfile> chips)
    {
        ArgumentNullException.ThrowIfNull(chips);
        Chips = [.. chips.OrderBy(x => x.Id)];
    }

    /// <summary>The chips that come with Defuse.</summary>
    public static ChipDatabase Default { get; } = new([Stm32F405(), Stm32H743(), Stm32F767()]);

    /// <summary>The chips, by id.</summary>
    public ImmutableArray<ChipProfile> Chips { get; }

    /// <summary>The chips that a DFU device may be, by its flash's sectors, with all that speaks for each.</summary>
    /// <param name="regions">The memories that the device names.</param>
    /// <param name="deviceRelease">bcdDevice.</param>
    public ImmutableArray<ChipCandidate> Identify(IReadOnlyCollection<MemoryRegion> regions, ushort deviceRelease)
    {
        ArgumentNullException.ThrowIfNull(regions);
        var flash = regions.FirstOrDefault(x => x.IsFlash);
        var found = ImmutableArray.CreateBuilder<ChipCandidate>();
        foreach (var chip in Chips)
        {
            var layout = flash is null ? null : chip.Layouts.FirstOrDefault(x => x.Runs.SequenceEqual(flash.Runs));
            if (layout is null || !chip.DeviceReleases.Contains(deviceRelease))
            {
                continue;
            }

            var evidence = ImmutableArray.CreateBuilder<string>();
            evidence.Add($"its flash has the sectors of {chip.Name}, {layout.Name}");
            evidence.Add($"bcdDevice {deviceRelease:X4}");
            if (regions.Any(x => x.Start == chip.OptionBytes))
            {
                evidence.Add($"option bytes at 0x{chip.OptionBytes:X8}");
            }

            found.Add(new ChipCandidate(chip, evidence.ToImmutable()));
        }

        return found.ToImmutable();
    }

    private static SectorRun Run(uint start, int count, int kilobytes) => new(start, count, kilobytes * 1024L, SectorAccess.All);

    private static ChipProfile Stm32F405() => new()
    {
        Id = 0x413,
        Name = "STM32F405/F407/F415/F417",
        Lines = ["F405", "F407", "F415", "F417"],
        Layouts =
        [
            new FlashLayout("1 MB", false, [Run(0x08000000, 4, 16), Run(0x08010000, 1, 64), Run(0x08020000, 7, 128)]),
            new FlashLayout("512 KB", false, [Run(0x08000000, 4, 16), Run(0x08010000, 1, 64), Run(0x08020000, 3, 128)]),
        ],
        Ram = [new AddressRange(0x10000000, 0x10000), new AddressRange(0x20000000, 0x20000)],
        WriteUnit = 4,
        ErasedByte = 0xFF,
        DeviceReleases = [0x2100, 0x2200],
        OptionBytes = 0x1FFFC000,
        Source = "RM0090, tables 5 and 6, section 3.6; AN2606; layout string as captured from F405/F407 devices",
    };

    private static ChipProfile Stm32H743() => new()
    {
        Id = 0x450,
        Name = "STM32H742/H743/H745/H747/H750/H753/H755/H757",
        Lines = ["H742", "H743", "H745", "H747", "H750", "H753", "H755", "H757"],
        Layouts = [new FlashLayout("2 MB", true, [Run(0x08000000, 16, 128)])],
        Ram =
        [
            new AddressRange(0x00000000, 0x10000),
            new AddressRange(0x20000000, 0x20000),
            new AddressRange(0x24000000, 0x80000),
            new AddressRange(0x30000000, 0x48000),
            new AddressRange(0x38000000, 0x10000),
        ],
        WriteUnit = 32,
        ErasedByte = 0xFF,
        DeviceReleases = [0x0200],
        OptionBytes = 0x5200201C,
        Source = "RM0433, section 4.3 and table 7; layout string as captured from H743/H750 devices",
    };

    private static ChipProfile Stm32F767() => new()
    {
        Id = 0x451,
        Name = "STM32F765/F767/F769/F777/F779",
        Lines = ["F765", "F767", "F768", "F769", "F777", "F778", "F779"],
        Layouts =
        [
            new FlashLayout("2 MB in a single bank", false, [Run(0x08000000, 4, 32), Run(0x08020000, 1, 128), Run(0x08040000, 7, 256)]),
            new FlashLayout(
                "2 MB in dual bank",
                true,
                [
                    Run(0x08000000, 4, 16), Run(0x08010000, 1, 64), Run(0x08020000, 7, 128),
                    Run(0x08100000, 4, 16), Run(0x08110000, 1, 64), Run(0x08120000, 7, 128),
                ]),
        ],
        Ram = [new AddressRange(0x00000000, 0x4000), new AddressRange(0x20000000, 0x80000)],
        WriteUnit = 32,
        ErasedByte = 0xFF,
        DeviceReleases = [0x2200],
        OptionBytes = 0x1FFF0000,
        BankMode = new BankModeBit(0x1FFF0008, 13, "nDBANK", SingleBankWhenSet: true),
        Source = "RM0410, section 3.3.2 and tables 3 to 6; AN2606; nDBANK's place as STM32CubeProgrammer reads it over DFU",
    };
}
