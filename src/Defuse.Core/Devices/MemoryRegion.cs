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

    /// <summary>
    /// Whether it is flash: something that is erased and written, and no area of the system's. Early ROMs give option bytes
    /// and OTP the letter of flash (F105, F405 with bcdDevice 2100), so the letter alone does not tell.
    /// </summary>
    public bool IsFlash => Kind == MemoryKind.Flash;

    /// <summary>What kind of memory it is.</summary>
    public MemoryKind Kind =>
        IsCalled("Option") ? MemoryKind.OptionBytes
        : IsCalled("OTP") ? MemoryKind.Otp
        : IsCalled("DATA") && Runs.All(x => x.Access == (SectorAccess.Readable | SectorAccess.Writable)) ? MemoryKind.DataEeprom
        : !IsSystemArea && Runs.Any(x => x.Access.HasFlag(SectorAccess.Erasable)) ? MemoryKind.Flash
        : MemoryKind.Other;

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
        && Runs.SequenceEqual(other.Runs);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MemoryRegion);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, AlternateSetting, Runs.Length, Runs[0]);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} at 0x{Start:X8}, {ByteCount} bytes";

    private bool IsCalled(string beginning) => Name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase);

    // System memory, option bytes and OTP lie at 0x1FFxxxxx, registers at 0x4 and 0x5xxxxxxx, the core's own at 0xExxxxxxx and
    // above (RM0090, RM0410, RM0433: memory maps).
    private bool IsSystemArea =>
        IsCalled("Device Feature")
        || Start is (>= 0x1FF00000 and <= 0x1FFFFFFF) or (>= 0x40000000 and <= 0x5FFFFFFF) or >= 0xE0000000;
}
