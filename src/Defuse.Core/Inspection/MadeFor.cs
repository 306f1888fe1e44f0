using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Defuse.Devices;

namespace Defuse.Inspection;

/// <summary>What a file says, outside its image, that it was made for.</summary>
public sealed partial record MadeFor
{
    /// <summary>The USB device of a DFU suffix; null without one.</summary>
    public UsbIdentity? Usb { get; init; }

    /// <summary>The families that a UF2 file's blocks are for, by name ("STM32F4", "RP2040"); those without a known name are left out.</summary>
    public ImmutableArray<string> Families { get; init; } = [];

    /// <summary>The name of a DfuSe target; null without one.</summary>
    public string? TargetName { get; init; }

    /// <summary>
    /// The part or line that the target's name contains, as far as a chip of that name is known ("STM32F446ZE" of
    /// "STM32F446ZE_GPIOToggle", "STM32F4" of "STM32F4DISCOVERY"); null if none.
    /// </summary>
    public string? TargetPart =>
        TargetName is not null && Part().Match(TargetName) is { Success: true } match ? ChipDatabase.Default.KnownBeginning(match.Value) : null;

    /// <summary>Why a file cannot be meant for any of some chips, each in half a sentence that "but" can follow; empty if nothing speaks against them.</summary>
    /// <param name="chips">The chips; none are known when empty, and nothing is said.</param>
    public IEnumerable<string> Against(IReadOnlyCollection<ChipProfile> chips)
    {
        ArgumentNullException.ThrowIfNull(chips);
        if (chips.Count == 0)
        {
            yield break;
        }

        if (!Families.IsEmpty && !Families.Any(family => chips.Any(x => x.Includes(family))))
        {
            yield return $"the file is UF2 for {string.Join(" and ", Families)}";
        }

        if (TargetPart is { } part && !chips.Any(x => x.Includes(part)))
        {
            yield return $"the file's target is named \"{TargetName}\"";
        }
    }

    /// <inheritdoc/>
    public bool Equals(MadeFor? other) =>
        other is not null
        && Usb == other.Usb
        && TargetName == other.TargetName
        && Families.SequenceEqual(other.Families, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Usb, TargetName, Families.Length);

    [GeneratedRegex("STM32[A-Z]{1,2}[0-9][0-9A-Zx]{0,5}", RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Part();
}
