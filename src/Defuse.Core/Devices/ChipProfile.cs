using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>What is known of a chip, whatever it is connected through.</summary>
/// <remarks>Immutable; two profiles are equal when they are of one id.</remarks>
public sealed record ChipProfile
{
    /// <summary>DEV_ID of DBGMCU_IDCODE.</summary>
    public required ushort Id { get; init; }

    /// <summary>The lines that share the id ("STM32F405/F407/F415/F417").</summary>
    public required string Name { get; init; }

    /// <summary>The series ("STM32F4").</summary>
    public required string Family { get; init; }

    /// <summary>How part numbers of these lines begin, without "STM32" ("F767").</summary>
    public required ImmutableArray<string> Lines { get; init; }

    /// <summary>Its cores ("Cortex-M4").</summary>
    public required string Cpu { get; init; }

    /// <summary>The part numbers that have this id.</summary>
    public required ImmutableArray<ChipPart> Parts { get; init; }

    /// <summary>Every way that its main flash can be cut into sectors; of two ways for one size, the one it leaves the factory with is first.</summary>
    public required ImmutableArray<FlashLayout> Layouts { get; init; }

    /// <summary>RAM of the parts that have most.</summary>
    public required ImmutableArray<RamRegion> RamRegions { get; init; }

    /// <summary>RAM of the parts that have most, as addresses a stack pointer may start from.</summary>
    public ImmutableArray<AddressRange> Ram => [.. RamRegions.Select(x => x.Range)];

    /// <summary>The smallest piece that is programmed at once, in bytes; data is padded to it.</summary>
    public required int WriteUnit { get; init; }

    /// <summary>What an erased byte reads as.</summary>
    public required byte ErasedByte { get; init; }

    /// <summary>Where the ROM with the bootloader is; null if no source that can be used says.</summary>
    public AddressRange? SystemMemory { get; init; }

    /// <summary>Whether that ROM has a USB DFU bootloader.</summary>
    public required UsbDfuSupport UsbDfu { get; init; }

    /// <summary>bcdDevice of the ROM's USB device, as seen; empty if none was.</summary>
    public required ImmutableArray<ushort> DeviceReleases { get; init; }

    /// <summary>The memories that ROMs of this chip were seen to name, main flash among them; empty if none was.</summary>
    public ImmutableArray<MemoryRegion> SeenRegions { get; init; } = [];

    /// <summary>Where the ROM shows the option bytes over DFU; null if it is not known.</summary>
    public AddressRange? OptionBytes { get; init; }

    /// <summary>The register that shows the first option word to a debugger; null if it is not known.</summary>
    public uint? OptionRegister { get; init; }

    /// <summary>The option bit that says how flash is organised; null if there is only one way.</summary>
    public BankModeBit? BankMode { get; init; }

    /// <summary>The first word of the unique device identifier (96 bits); null if it is not known.</summary>
    public uint? UniqueId { get; init; }

    /// <summary>The half-word that holds the flash size in KB; null if it is not known.</summary>
    public uint? FlashSizeRegister { get; init; }

    /// <summary>Why its ROM is known to announce another flash size than the part has, as half a sentence; null if it is not.</summary>
    public string? GenericMap { get; init; }

    /// <summary>DBGMCU_IDCODE, whose low 12 bits are <see cref="Id"/>; null if it is not known.</summary>
    public uint? IdCodeRegister { get; init; }

    /// <summary>One-time programmable memory, with its lock bytes; null if there is none or it is not known.</summary>
    public AddressRange? Otp { get; init; }

    /// <summary>Data EEPROM of the parts that have most (STM32L0, STM32L1); null if there is none.</summary>
    public AddressRange? DataEeprom { get; init; }

    /// <summary>Where each figure is from.</summary>
    public required ImmutableArray<FigureSource> Sources { get; init; }

    /// <summary>The figures that sources disagree on.</summary>
    public ImmutableArray<Disagreement> Disagreements { get; init; } = [];

    /// <summary>The flash sizes that its parts have, in bytes, descending.</summary>
    public ImmutableArray<long> FlashSizes => [.. Parts.Select(x => x.FlashBytes).Distinct().OrderDescending()];

    /// <summary>Whether a part number may be one of this chip's; "STM32F7" and "STM32F76x" leave it open.</summary>
    public bool Includes(string part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return part.StartsWith("STM32", StringComparison.OrdinalIgnoreCase) && Lines.Any(x => PartNumber.Agree(x, part.AsSpan(5)));
    }

    /// <summary>The ways that a part's flash can be cut into sectors, the one that it leaves the factory with first.</summary>
    /// <param name="part">One of <see cref="Parts"/>.</param>
    public ImmutableArray<FlashLayout> LayoutsFor(ChipPart part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return [.. Layouts.Where(x => x.ByteCount == part.FlashBytes)];
    }

    /// <summary>A device with this chip that nobody has connected: enough to plan for and to inspect files against.</summary>
    /// <param name="layout">How its flash is cut into sectors; the largest if null.</param>
    /// <param name="part">Which part it is, if that is known; gives the layout too if that is null.</param>
    public TargetDescription ToTarget(FlashLayout? layout = null, ChipPart? part = null)
    {
        const int OlderBlock = 2048;
        const int NewerBlock = 1024;
        layout ??= part is null ? Layouts[0] : LayoutsFor(part)[0];
        var name = part?.Name ?? Name;
        return new TargetDescription
        {
            Name = name,
            Address = $"chip:{part?.Name ?? $"0x{Id:X3}"}",
            Memory = new MemoryMap([new MemoryRegion("Internal Flash", 0, layout.Runs)]),
            Candidates = [new ChipCandidate(this, [$"{name} was named, with {layout.Name}"]) { Part = part }],
            BlockSize = DeviceReleases.Any(x => x >= 0x2000) ? OlderBlock : NewerBlock,
            WriteUnit = WriteUnit,
            ErasedByte = ErasedByte,
            FlashSize = part is null ? null : new FlashSize(part.FlashBytes, $"{part.Name} has as much", IsGuess: false),
        };
    }

    /// <inheritdoc/>
    public bool Equals(ChipProfile? other) => other is not null && Id == other.Id;

    /// <inheritdoc/>
    public override int GetHashCode() => Id;
}
