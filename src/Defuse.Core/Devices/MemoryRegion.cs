using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>A memory as its device names it: main flash, option bytes, OTP.</summary>
/// <remarks>Immutable; equal when name, alternate setting and sectors are.</remarks>
public sealed class MemoryRegion : IEquatable<MemoryRegion>
{
    /// <param name="name">What the device calls it ("Internal Flash").</param>
    /// <param name="alternateSetting">The DFU alternate setting that it is reached through.</param>
    /// <param name="runs">Its sectors, in the device's order; at least one run.</param>
    /// <exception cref="ArgumentException">There is no run.</exception>
    public MemoryRegion(string name, byte alternateSetting, IEnumerable<SectorRun> runs)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(runs);
        Name = name;
        AlternateSetting = alternateSetting;
        Runs = [.. runs];
        if (Runs.IsEmpty)
        {
            throw new ArgumentException("A region has at least one run of sectors.", nameof(runs));
        }
    }

    /// <summary>What the device calls it.</summary>
    public string Name { get; }

    /// <summary>The DFU alternate setting that it is reached through.</summary>
    public byte AlternateSetting { get; }

    /// <summary>Its sectors, in the device's order.</summary>
    public ImmutableArray<SectorRun> Runs { get; }

    /// <summary>The first address of the first run.</summary>
    public uint Start => Runs[0].Range.Start;

    /// <summary>How many bytes all its sectors have together.</summary>
    public long ByteCount => Runs.Sum(x => x.Range.Length);

    /// <summary>Whether it is flash: something that is erased and written.</summary>
    public bool IsFlash => Runs.Any(x => x.Access.HasFlag(SectorAccess.Erasable));

    /// <summary>The sector that holds an address, or null.</summary>
    public Sector? FindSector(uint address)
    {
        var number = 0;
        foreach (var run in Runs)
        {
            if (run.Range.Contains(address))
            {
                var index = (int)((address - run.Range.Start) / run.SectorSize);
                var start = (uint)(run.Range.Start + (index * run.SectorSize));
                return new Sector(new AddressRange(start, run.SectorSize), run.Access, AlternateSetting, number + index);
            }

            number += run.Count;
        }

        return null;
    }

    /// <inheritdoc/>
    public bool Equals(MemoryRegion? other) =>
        other is not null
        && string.Equals(Name, other.Name, StringComparison.Ordinal)
        && AlternateSetting == other.AlternateSetting
        && HasSameSectors(other);

    /// <summary>Whether the two cut the same addresses into the same sectors, whatever they are called.</summary>
    public bool HasSameSectors(MemoryRegion other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Runs.SequenceEqual(other.Runs);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MemoryRegion);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, AlternateSetting, Runs.Length, Runs[0]);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} at 0x{Start:X8}, {ByteCount} bytes";
}
