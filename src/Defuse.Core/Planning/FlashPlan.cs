using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Planning;

/// <summary>All that will be done to a device, in order. Made without touching it.</summary>
/// <remarks>Immutable; equal when every step is.</remarks>
public sealed record FlashPlan
{
    /// <summary>The device.</summary>
    public required TargetDescription Target { get; init; }

    /// <summary>What memory will hold: the image, less what an allowance left out, and what is kept as soon as it was read.</summary>
    public required FirmwareImage Image { get; init; }

    /// <summary>The sectors that the image touches, by address, each with what happens to it.</summary>
    public required ImmutableArray<SectorStep> Sectors { get; init; }

    /// <summary>Whether the main flash is erased at once, before any other sector.</summary>
    public bool EraseChip { get; init; }

    /// <summary>Whether read-out protection is removed, by which the chip erases all of its flash.</summary>
    public bool Unprotect { get; init; }

    /// <summary>Where the image is sent to as a whole; null for a device with memory, for which the rest of the plan is.</summary>
    public ImageSlot? Slot { get; init; }

    /// <summary>The sectors to erase, in order. While a sector's decision is Compare, it is counted as differing.</summary>
    public ImmutableArray<Sector> Erases { get; init; } = [];

    /// <summary>What is read before the first erase to be saved, by address.</summary>
    public ImmutableArray<AddressRange> Backups { get; init; } = [];

    /// <summary>What is read before the first erase and written back, by address.</summary>
    public ImmutableArray<AddressRange> Keeps { get; init; } = [];

    /// <summary>The runs to write, in order, padded to the program unit; blank blocks are left out.</summary>
    public ImmutableArray<ImageSegment> Writes { get; init; } = [];

    /// <summary>The ranges to read and compare with the image before anything is erased, in order.</summary>
    public ImmutableArray<AddressRange> SurveyReads { get; init; } = [];

    /// <summary>The ranges to read back and compare with the image at the end, in order.</summary>
    public ImmutableArray<AddressRange> VerifyReads { get; init; } = [];

    /// <summary>Whether <see cref="VerifyReads"/> must find erased bytes, instead of the image.</summary>
    public bool VerifyBlank { get; init; }

    /// <summary>How many bytes have to be read back and compared for a success that is proven.</summary>
    public long BytesToVerify => VerifyBlank ? VerifyReads.Sum(x => x.Length) : Image.ByteCount;

    /// <summary>The address of the vector table to start from at the end; null if nothing is started.</summary>
    public uint? Start { get; init; }

    /// <summary>What a person should know, in plain words.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>The one of <see cref="Warnings"/> that holds only if it comes to writing.</summary>
    internal string? OtpWarning { get; init; }

    /// <summary>How many bytes <see cref="Writes"/> has, padding included.</summary>
    public long BytesToWrite => Writes.Sum(x => x.Range.Length);

    /// <inheritdoc/>
    public bool Equals(FlashPlan? other) =>
        other is not null
        && Target.Equals(other.Target)
        && Image.Equals(other.Image)
        && Sectors.SequenceEqual(other.Sectors)
        && (EraseChip, Unprotect, VerifyBlank) == (other.EraseChip, other.Unprotect, other.VerifyBlank)
        && Backups.SequenceEqual(other.Backups)
        && Keeps.SequenceEqual(other.Keeps)
        && Erases.SequenceEqual(other.Erases)
        && Writes.Length == other.Writes.Length
        && Writes.Zip(other.Writes).All(x => x.First.Range == x.Second.Range && x.First.Data.Span.SequenceEqual(x.Second.Data.Span))
        && SurveyReads.SequenceEqual(other.SurveyReads)
        && VerifyReads.SequenceEqual(other.VerifyReads)
        && Start == other.Start
        && Slot == other.Slot
        && Warnings.SequenceEqual(other.Warnings, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Target, Image, Sectors.Length, Erases.Length, Writes.Length, Start);
}
