using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>A chip's option bytes as its bootloader shows them.</summary>
/// <remarks>Immutable.</remarks>
public sealed record OptionBytes
{
    /// <summary>The bytes, where the bootloader shows them.</summary>
    public required FirmwareImage Raw { get; init; }

    /// <summary>The fields that all chips agree on which the device may be, by register and bit; empty if nothing is known of them.</summary>
    public ImmutableArray<OptionValue> Values { get; init; } = [];

    /// <summary>What could not be told, and why, each in plain words.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>What the fields say of protection.</summary>
    public MemoryProtection Protection { get; init; } = MemoryProtection.Unknown;
}
