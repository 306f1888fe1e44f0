using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Inspection;

/// <summary>Whether an image is for a chip, with its flash cut in one of the ways that it can be.</summary>
/// <param name="Chip">The chip.</param>
/// <param name="Layout">How its flash is cut, and how much it has.</param>
/// <param name="Misfits">What speaks against it; empty if nothing does.</param>
public sealed record ChipFit(ChipProfile Chip, FlashLayout Layout, ImmutableArray<ChipMisfit> Misfits)
{
    /// <summary>Whether nothing speaks against it.</summary>
    public bool Fits => Misfits.IsEmpty;

    /// <summary>Whether only bytes beside every chip speak against it.</summary>
    public bool FitsInside => Misfits.All(x => x.Kind == ChipMisfitKind.External);

    /// <summary>How many bytes its flash has.</summary>
    public long FlashSize => Layout.Runs.Sum(x => x.Range.Length);

    /// <inheritdoc/>
    public bool Equals(ChipFit? other) =>
        other is not null && Chip.Id == other.Chip.Id && Layout.Name == other.Layout.Name && Misfits.SequenceEqual(other.Misfits);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Chip.Id, Layout.Name, Misfits.Length);
}
