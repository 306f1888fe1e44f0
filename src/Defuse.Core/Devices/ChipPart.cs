using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>A part number: one of the chips that share an id, with its own amount of flash and RAM.</summary>
/// <param name="Name">The part number, without package and temperature ("STM32F767ZI").</param>
/// <param name="FlashBytes">Its main flash, in bytes.</param>
/// <param name="Ram">Its RAM.</param>
public sealed record ChipPart(string Name, long FlashBytes, ImmutableArray<RamRegion> Ram)
{
    /// <summary>Its RAM, in bytes; aliases are not counted.</summary>
    public long RamBytes => Ram.Where(x => !x.IsAlias).Sum(x => x.Range.Length);

    /// <inheritdoc/>
    public bool Equals(ChipPart? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);
}
