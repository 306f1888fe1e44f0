using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>What is known besides the image itself; all of it may be left out.</summary>
public sealed record InspectionContext
{
    /// <summary>The chips to hold the image against.</summary>
    public ChipDatabase Chips { get; init; } = ChipDatabase.Default;

    /// <summary>Whether the image's addresses mean nothing: raw bytes, as a file without addresses has them.</summary>
    public bool NeedsAddress { get; init; }

    /// <summary>Where the file says that execution starts.</summary>
    public uint? EntryPoint { get; init; }

    /// <summary>What the file says that it was made for.</summary>
    public MadeFor? MadeFor { get; init; }

    /// <summary>The memory to flash: a device's, or <see cref="MemoryOf"/> a chip; without one nothing is said of sectors.</summary>
    public MemoryMap? Memory { get; init; }

    /// <summary>What an erased byte of that memory reads as.</summary>
    public byte ErasedByte { get; init; } = 0xFF;

    /// <summary>What that memory holds now, as far as it was read.</summary>
    public FirmwareImage? Contents { get; init; }

    /// <summary>Where the board keeps its bootloader.</summary>
    public BootloaderArea? Bootloader { get; init; }

    /// <summary>The memory of a chip, for <see cref="Memory"/>.</summary>
    public static MemoryMap MemoryOf(FlashLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return new([new MemoryRegion("Internal Flash", 0, layout.Runs)]);
    }
}
