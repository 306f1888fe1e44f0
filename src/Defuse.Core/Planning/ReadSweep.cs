using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Planning;

/// <summary>The order in which an image's addresses are read back.</summary>
internal static class ReadSweep
{
    /// <summary>
    /// A device that computes block addresses wrongly does so when it writes and when it reads: read from the same
    /// bases, such bytes look right. So each read of more than a block starts inside the first block that was written,
    /// at an address that no write started from, and what lies before comes last, as one block at its own address.
    /// </summary>
    /// <param name="image">What is read.</param>
    /// <param name="target">Tells the block size and where memory is.</param>
    /// <param name="writeStarts">Where write runs start.</param>
    public static ImmutableArray<AddressRange> Of(FirmwareImage image, TargetDescription target, ImmutableHashSet<uint> writeStarts)
    {
        var reads = ImmutableArray.CreateBuilder<AddressRange>();
        foreach (var range in Bridged(image, target))
        {
            if (range.Length <= target.BlockSize || Shift(range, target.BlockSize, writeStarts) is not { } shift)
            {
                reads.Add(range);
                continue;
            }

            reads.Add(AddressRange.FromBounds(range.Start + shift, range.End));
            reads.Add(new AddressRange(range.Start, shift));
        }

        return reads.ToImmutable();
    }

    /// <summary>What of an image has to be read again after some sectors were erased, while the rest was compared before.</summary>
    /// <remarks>
    /// All of it, unless the sectors are those of a known chip: an erase that reaches further than the device announces would
    /// spoil what was compared. Of a known chip, the changed sectors and a block on either side of them.
    /// </remarks>
    /// <param name="image">The image.</param>
    /// <param name="target">The device.</param>
    /// <param name="changed">The sectors that are erased; the others were compared.</param>
    public static FirmwareImage Unproven(FirmwareImage image, TargetDescription target, ImmutableArray<Sector> changed)
    {
        if (!HasKnownSectors(target) || changed.IsEmpty)
        {
            return image;
        }

        var ranges = changed
            .Select(x => AddressRange.FromBounds(Math.Max(0, x.Range.Start - (long)target.BlockSize), Math.Min(1L << 32, x.Range.End + target.BlockSize)))
            .OrderBy(x => x.Start);
        var unproven = new FirmwareImageBuilder();
        foreach (var range in AddressRange.Join(ranges))
        {
            unproven.Add(image.Slice(range));
        }

        return unproven.Build();
    }

    // A candidate has the sectors that the device announces, unless an option bit decides about them. What contradicted that is a remark.
    private static bool HasKnownSectors(TargetDescription target) =>
        !target.Candidates.IsEmpty
        && target.Remarks.IsEmpty
        && (target.IsBankModeSettled || target.Candidates.All(x => x.Chip.BankMode is null));

    // Reading through a gap that is shorter than a block takes fewer transfers than going round it.
    private static List<AddressRange> Bridged(FirmwareImage image, TargetDescription target)
    {
        var ranges = new List<AddressRange>();
        foreach (var range in image.Segments.Select(x => x.Range))
        {
            if (ranges.Count > 0
                && range.Start - ranges[^1].End < target.BlockSize
                && !target.Memory.Outside(AddressRange.FromBounds(ranges[^1].End, range.Start)).Any())
            {
                ranges[^1] = AddressRange.FromBounds(ranges[^1].Start, range.End);
            }
            else
            {
                ranges.Add(range);
            }
        }

        return ranges;
    }

    private static long? Shift(AddressRange range, int blockSize, ImmutableHashSet<uint> writeStarts)
    {
        for (var shift = blockSize / 2; shift > 0; shift /= 2)
        {
            if (!writeStarts.Contains((uint)(range.Start + shift)))
            {
                return shift;
            }
        }

        return null;
    }
}
