using System.Collections.Immutable;

namespace Defuse.Targets.Dfu;

/// <summary>A way in which some devices differ, and how they are known.</summary>
/// <remarks>A device has it if it meets every list that is not empty, by any of its items.</remarks>
internal sealed record DfuQuirk
{
    /// <summary>What data/quirks.txt calls it.</summary>
    public required string Name { get; init; }

    /// <summary>idVendor in the upper half, idProduct in the lower.</summary>
    public ImmutableArray<uint> UsbIds { get; init; } = [];

    /// <summary>bcdDevice.</summary>
    public ImmutableArray<ushort> Releases { get; init; } = [];

    /// <summary>The product string.</summary>
    public ImmutableArray<DfuTextMatch> Products { get; init; } = [];

    /// <summary>The serial number.</summary>
    public ImmutableArray<DfuTextMatch> Serials { get; init; } = [];

    /// <summary>The name of any alternate setting.</summary>
    public ImmutableArray<DfuTextMatch> Layouts { get; init; } = [];

    /// <summary>DEV_ID of any chip that it may be.</summary>
    public ImmutableArray<ushort> Chips { get; init; } = [];

    /// <summary>What it changes.</summary>
    public required DfuQuirkEffect Effect { get; init; }

    /// <summary>The figures of the effect, as written.</summary>
    public ImmutableArray<string> Figures { get; init; } = [];

    public bool IsOf(DfuTraits device) =>
        (UsbIds.IsEmpty || UsbIds.Contains(device.UsbId))
        && (Releases.IsEmpty || Releases.Contains(device.Release))
        && (Products.IsEmpty || Products.Any(x => x.Matches(device.Product)))
        && (Serials.IsEmpty || Serials.Any(x => x.Matches(device.SerialNumber)))
        && (Layouts.IsEmpty || Layouts.Any(x => device.Layouts.Any(x.Matches)))
        && (Chips.IsEmpty || Chips.Any(device.Chips.Contains));
}
