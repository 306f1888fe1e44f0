using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>What is known of how a chip protects its memory.</summary>
/// <remarks>Immutable.</remarks>
public sealed record MemoryProtection
{
    /// <summary>Nothing is known.</summary>
    public static MemoryProtection Unknown { get; } = new();

    /// <summary>Whether memory can be read out.</summary>
    public ReadOutProtection ReadOut { get; init; }

    /// <summary>How that is known, or why it is not, as half a sentence.</summary>
    public string Evidence { get; init; } = "nothing tells";

    /// <summary>The parts of flash that are known to be write-protected, by address; an erase of them is confirmed, and not done.</summary>
    public ImmutableArray<AddressRange> WriteProtected { get; init; } = [];

    /// <summary>The parts of flash of which it is not known whether they are write-protected.</summary>
    public ImmutableArray<AddressRange> WriteProtectionUnknown { get; init; } = [];

    /// <summary>Whether read-out protection is known to be active.</summary>
    public bool IsReadOutProtected => ReadOut is ReadOutProtection.Level1 or ReadOutProtection.Permanent;

    /// <summary>Whether a range has a part that is known to be write-protected.</summary>
    public bool IsWriteProtected(AddressRange range) => WriteProtected.Any(x => x.Overlaps(range));

    /// <summary>What it is, for people: "level 1".</summary>
    public string ReadOutText => ReadOut switch
    {
        ReadOutProtection.None => "none (level 0)",
        ReadOutProtection.Half => "level 0.5: only non-secure memory is open",
        ReadOutProtection.Level1 => "level 1",
        ReadOutProtection.Permanent => "level 2, for good",
        _ => "not known",
    };

    /// <inheritdoc/>
    public bool Equals(MemoryProtection? other) =>
        other is not null
        && ReadOut == other.ReadOut
        && string.Equals(Evidence, other.Evidence, StringComparison.Ordinal)
        && WriteProtected.SequenceEqual(other.WriteProtected)
        && WriteProtectionUnknown.SequenceEqual(other.WriteProtectionUnknown);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ReadOut, WriteProtected.Length);
}
