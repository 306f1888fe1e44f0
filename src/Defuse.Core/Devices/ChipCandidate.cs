using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>A chip that a device may be, and what speaks for it. DfuSe has no request for a chip's id.</summary>
/// <param name="Chip">The chip.</param>
/// <param name="Evidence">What speaks for it, each in plain words.</param>
public sealed record ChipCandidate(ChipProfile Chip, ImmutableArray<string> Evidence)
{
    /// <summary>Which part it is, where somebody said so; null if only the chip is known.</summary>
    public ChipPart? Part { get; init; }

    /// <summary>RAM, as addresses a stack pointer may start from: the part's, or that of the chip's largest parts.</summary>
    public ImmutableArray<AddressRange> Ram => Part is null ? Chip.Ram : [.. Part.Ram.Select(x => x.Range)];

    /// <inheritdoc/>
    public bool Equals(ChipCandidate? other) =>
        other is not null && Chip.Id == other.Chip.Id && Equals(Part, other.Part) && Evidence.SequenceEqual(other.Evidence, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Chip.Id, Evidence.Length);
}
