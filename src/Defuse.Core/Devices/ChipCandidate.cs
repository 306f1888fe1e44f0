using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>A chip that a device may be, and what speaks for it. DfuSe has no request for a chip's id.</summary>
/// <param name="Chip">The chip.</param>
/// <param name="Evidence">What speaks for it, each in plain words.</param>
public sealed record ChipCandidate(ChipProfile Chip, ImmutableArray<string> Evidence)
{
    /// <inheritdoc/>
    public bool Equals(ChipCandidate? other) =>
        other is not null && Chip.Id == other.Chip.Id && Evidence.SequenceEqual(other.Evidence, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Chip.Id, Evidence.Length);
}
