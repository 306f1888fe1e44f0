using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>What flashing an image does to the sectors of a memory.</summary>
/// <remarks>Immutable.</remarks>
public sealed record SectorReport
{
    /// <summary>The sectors that the image touches, by address.</summary>
    public required ImmutableArray<SectorUse> Touched { get; init; }

    /// <summary>Sectors between the first and the last of these that stay as they are, joined.</summary>
    public required ImmutableArray<AddressRange> Kept { get; init; }

    /// <summary>What the memory holds now in the place of the image; null if that is not known, or does not say.</summary>
    public FirmwareIdentity? Replaced { get; init; }

    /// <summary>What the memory holds beside the image in the sectors that are erased; empty if that is not known.</summary>
    public ImmutableArray<SectorLoss> Losses { get; init; } = [];

    /// <summary>A bootloader that would be overwritten; null if none is known of.</summary>
    public SectorLoss? Bootloader { get; init; }
}
