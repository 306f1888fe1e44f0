using System.Collections.Immutable;

namespace Defuse.Formats;

/// <summary>What a UF2 file says beside the bytes. Checksums that blocks may carry for a bootloader's use are not among it.</summary>
public sealed record Uf2Info
{
    /// <summary>What is in the file, family by family, in its order.</summary>
    public required ImmutableArray<Uf2Part> Parts { get; init; }

    /// <summary>The family that the image is for; null if its blocks name none.</summary>
    public required uint? Family { get; init; }

    /// <summary>What the firmware or the board is called (tag 0x650D9D), printable; null if that is not said.</summary>
    public string? Description { get; init; }

    /// <summary>The firmware's version (tag 0x9FC7BC), printable; null if that is not said.</summary>
    public string? Version { get; init; }

    /// <summary>The size of the device's pages in bytes (tag 0x0BE9F7); null if that is not said.</summary>
    public uint? PageSize { get; init; }

    /// <summary>The number of the device's type (tag 0xC8A729), of 32 or 64 bits; null if that is not said.</summary>
    public ulong? DeviceType { get; init; }
}
