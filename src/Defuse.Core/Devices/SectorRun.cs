using Defuse.Images;

namespace Defuse.Devices;

/// <summary>Consecutive sectors of one size.</summary>
/// <remarks>Immutable.</remarks>
public readonly record struct SectorRun
{
    // Invariant: Count and SectorSize are at least 1, and the last sector ends at or before 2^32.

    /// <param name="start">The address of the first sector.</param>
    /// <param name="count">How many sectors, at least 1.</param>
    /// <param name="sectorSize">A sector's bytes, at least 1.</param>
    /// <param name="access">What may be done with each.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1, or the run leaves the address space.</exception>
    public SectorRun(uint start, int count, long sectorSize, SectorAccess access)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sectorSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sectorSize, AddressRange.AddressSpaceEnd);
        Range = new AddressRange(start, checked(count * sectorSize));
        Count = count;
        SectorSize = sectorSize;
        Access = access;
    }

    /// <summary>All the sectors together.</summary>
    public AddressRange Range { get; }

    /// <summary>How many sectors.</summary>
    public int Count { get; }

    /// <summary>A sector's bytes.</summary>
    public long SectorSize { get; }

    /// <summary>What may be done with each.</summary>
    public SectorAccess Access { get; }
}
