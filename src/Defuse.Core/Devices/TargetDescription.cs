using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>What is known of a device before anything is done to it; all that a plan needs.</summary>
public sealed record TargetDescription
{
    /// <summary>What the device calls itself.</summary>
    public required string Name { get; init; }

    /// <summary>How it is connected, in the one form that addresses have ("sim:nucleo-f767zi").</summary>
    public required string Address { get; init; }

    /// <summary>Its memories.</summary>
    public required MemoryMap Memory { get; init; }

    /// <summary>The chips that it may be, the one with most evidence first; empty if nothing known fits.</summary>
    public ImmutableArray<ChipCandidate> Candidates { get; init; } = [];

    /// <summary>Where a device that takes whole images can put one; empty for a device with memory.</summary>
    public ImmutableArray<ImageSlot> Slots { get; init; } = [];

    /// <summary>How many bytes one block carries (wTransferSize over DFU).</summary>
    public required int BlockSize { get; init; }

    /// <summary>Data is padded to this many bytes: the largest program unit of the candidates.</summary>
    public int WriteUnit { get; init; } = DefaultWriteUnit;

    /// <summary>What an erased byte reads as.</summary>
    public byte ErasedByte { get; init; } = 0xFF;

    /// <summary>Whether its memory can be read back; what is written to one that cannot stays unverified.</summary>
    public bool IsReadable { get; init; } = true;

    /// <summary>idVendor of a USB device; null for others.</summary>
    public ushort? VendorId { get; init; }

    /// <summary>idProduct of a USB device; null for others.</summary>
    public ushort? ProductId { get; init; }

    /// <summary>The serial number, where there is one. Not unique.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>How much flash it has, as far as that is known; null if it names none.</summary>
    public FlashSize? FlashSize { get; init; }

    /// <summary>What is known of how it protects its memory.</summary>
    public MemoryProtection Protection { get; init; } = MemoryProtection.Unknown;

    /// <summary>Contradictions that were seen while describing it, and how they were settled.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>Why its sectors cannot be relied on, so that nothing of it may be changed; null if they can.</summary>
    public string? MapDoubt { get; init; }

    /// <summary>Whether each candidate whose sectors an option bit decides has those of <see cref="Memory"/>, as far as that bit was read.</summary>
    internal bool IsBankModeSettled { get; init; }

    /// <summary>Padding that suits every chip of known program unit but the STM32H7R/S: 32 bytes.</summary>
    public const int DefaultWriteUnit = 32;

    /// <summary>
    /// What it is, for people: "STM32F76x/F77x", "STM32F405/F407 or one of 4 others", or "unknown chip". Of more than two
    /// candidates, those with the most evidence are named, and the rest counted.
    /// </summary>
    public string ChipName
    {
        get
        {
            const int Named = 2;
            if (Candidates.IsEmpty)
            {
                return "unknown chip";
            }

            var best = Candidates.Count(x => x.Evidence.Length == Candidates[0].Evidence.Length);
            var named = Candidates.Length <= Named ? Candidates.Length : Math.Min(best, Named);
            if (Candidates.Length == named + 1)
            {
                named++;
            }

            var names = string.Join(" or ", Candidates.Take(named).Select(x => x.Chip.Name));
            return Candidates.Length == named ? names : $"{names} or one of {Candidates.Length - named} others";
        }
    }

    /// <inheritdoc/>
    public bool Equals(TargetDescription? other) =>
        other is not null
        && string.Equals(Name, other.Name, StringComparison.Ordinal)
        && string.Equals(Address, other.Address, StringComparison.Ordinal)
        && Memory.Equals(other.Memory)
        && Candidates.SequenceEqual(other.Candidates)
        && Slots.SequenceEqual(other.Slots)
        && (BlockSize, WriteUnit, ErasedByte, IsReadable) == (other.BlockSize, other.WriteUnit, other.ErasedByte, other.IsReadable)
        && (VendorId, ProductId) == (other.VendorId, other.ProductId)
        && string.Equals(SerialNumber, other.SerialNumber, StringComparison.Ordinal)
        && Equals(FlashSize, other.FlashSize)
        && Protection.Equals(other.Protection)
        && Remarks.SequenceEqual(other.Remarks, StringComparer.Ordinal)
        && string.Equals(MapDoubt, other.MapDoubt, StringComparison.Ordinal)
        && IsBankModeSettled == other.IsBankModeSettled;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Address, Memory, BlockSize, WriteUnit, ErasedByte);
}
