using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>All memories of a device, and the sectors that they are cut into.</summary>
/// <remarks>Immutable; equal when the regions are. Where two regions claim an address, the one with the lower alternate setting has it.</remarks>
public sealed class MemoryMap : IEquatable<MemoryMap>
{
    /// <param name="regions">The memories, in any order.</param>
    public MemoryMap(IEnumerable<MemoryRegion> regions)
    {
        ArgumentNullException.ThrowIfNull(regions);
        Regions = [.. regions.OrderBy(x => x.AlternateSetting)];
    }

    /// <summary>The memories, by alternate setting.</summary>
    public ImmutableArray<MemoryRegion> Regions { get; }

    /// <summary>The first region that is flash: where firmware goes. Null if nothing can be erased.</summary>
    public MemoryRegion? Flash => Regions.FirstOrDefault(x => x.IsFlash);

    /// <summary>The region that holds an address, or null.</summary>
    public MemoryRegion? FindRegion(uint address) => Regions.FirstOrDefault(x => x.FindSector(address) is not null);

    /// <summary>What kind of memory is at an address, or null.</summary>
    public MemoryKind? KindAt(uint address) => FindRegion(address)?.Kind;

    /// <summary>Whether a sector is flash.</summary>
    internal bool IsFlash(Sector sector) => KindAt(sector.Range.Start) == MemoryKind.Flash;

    /// <summary>The sector that holds an address, or null.</summary>
    public Sector? FindSector(uint address)
    {
        foreach (var region in Regions)
        {
            if (region.FindSector(address) is { } sector)
            {
                return sector;
            }
        }

        return null;
    }

    /// <summary>The sectors that a range touches, by ascending address; addresses outside all memory are passed over.</summary>
    public IEnumerable<Sector> SectorsIn(AddressRange range)
    {
        for (long address = range.Start; address < range.End;)
        {
            if (FindSector((uint)address) is { } sector)
            {
                yield return sector;
                address = sector.Range.End;
            }
            else
            {
                address = NextStart(address) ?? range.End;
            }
        }
    }

    /// <summary>The parts of a range that lie outside all memory, by ascending address.</summary>
    public IEnumerable<AddressRange> Outside(AddressRange range)
    {
        for (long address = range.Start; address < range.End;)
        {
            if (FindSector((uint)address) is { } sector)
            {
                address = sector.Range.End;
                continue;
            }

            var end = Math.Min(NextStart(address) ?? range.End, range.End);
            yield return AddressRange.FromBounds(address, end);
            address = end;
        }
    }

    /// <inheritdoc/>
    public bool Equals(MemoryMap? other) => other is not null && Regions.SequenceEqual(other.Regions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MemoryMap);

    /// <inheritdoc/>
    public override int GetHashCode() => Regions.IsEmpty ? 0 : HashCode.Combine(Regions.Length, Regions[0]);

    private long? NextStart(long address)
    {
        long? next = null;
        foreach (var run in Regions.SelectMany(x => x.Runs))
        {
            if (run.Range.Start > address && (next is null || run.Range.Start < next))
            {
                next = run.Range.Start;
            }
        }

        return next;
    }
}
