using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Images;

/// <summary>A run of bytes in a 32-bit address space; never empty, and never past 0xFFFFFFFF.</summary>
/// <remarks>Immutable; ordered by start, then by length.</remarks>
public readonly record struct AddressRange : IComparable<AddressRange>
{
    /// <summary>One past the last address of a 32-bit space.</summary>
    public const long AddressSpaceEnd = 0x1_0000_0000;

    // Invariant: Length is at least 1 (default(AddressRange) excepted) and Start + Length at most AddressSpaceEnd.

    /// <param name="start">The first address.</param>
    /// <param name="length">How many bytes, from 1 to 2^32 - <paramref name="start"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or leaves the address space.</exception>
    public AddressRange(uint start, long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, AddressSpaceEnd - start);
        Start = start;
        Length = length;
    }

    /// <summary>The first address.</summary>
    public uint Start { get; }

    /// <summary>How many bytes, 1 to 2^32.</summary>
    public long Length { get; }

    /// <summary>One past the last address, up to 0x1_0000_0000.</summary>
    public long End => Start + Length;

    /// <summary>The last address.</summary>
    public uint Last => Length == 0 ? Start : (uint)(End - 1);

    /// <summary>The range from one address up to, not including, another.</summary>
    /// <param name="start">The first address.</param>
    /// <param name="end">One past the last address, up to 0x1_0000_0000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or leaves the address space.</exception>
    public static AddressRange FromBounds(long start, long end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, AddressSpaceEnd);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(end, start);
        return new((uint)start, end - start);
    }

    /// <summary>The addresses that ranges have together, by ascending address, with what touches or overlaps in one.</summary>
    /// <param name="ranges">The ranges, in any order.</param>
    public static ImmutableArray<AddressRange> Join(IEnumerable<AddressRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        var joined = ImmutableArray.CreateBuilder<AddressRange>();
        foreach (var range in ranges.Order())
        {
            if (joined.Count > 0 && joined[^1].End >= range.Start)
            {
                joined[^1] = FromBounds(joined[^1].Start, Math.Max(joined[^1].End, range.End));
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined.ToImmutable();
    }

    /// <summary>Whether the address lies inside.</summary>
    public bool Contains(long address) => address >= Start && address < End;

    /// <summary>Whether the other range lies inside, whole.</summary>
    public bool Contains(AddressRange other) => other.Start >= Start && other.End <= End;

    /// <summary>Whether the two share an address.</summary>
    public bool Overlaps(AddressRange other) => other.Start < End && Start < other.End;

    /// <summary>What the two share, or null.</summary>
    public AddressRange? Intersect(AddressRange other)
    {
        var start = Math.Max(Start, other.Start);
        var end = Math.Min(End, other.End);
        return start < end ? FromBounds(start, end) : null;
    }

    /// <inheritdoc/>
    public int CompareTo(AddressRange other)
    {
        var byStart = Start.CompareTo(other.Start);
        return byStart != 0 ? byStart : Length.CompareTo(other.Length);
    }

    /// <summary>Whether this one sorts before the other.</summary>
    public static bool operator <(AddressRange left, AddressRange right) => left.CompareTo(right) < 0;

    /// <summary>Whether this one sorts before the other or equals it.</summary>
    public static bool operator <=(AddressRange left, AddressRange right) => left.CompareTo(right) <= 0;

    /// <summary>Whether this one sorts after the other.</summary>
    public static bool operator >(AddressRange left, AddressRange right) => left.CompareTo(right) > 0;

    /// <summary>Whether this one sorts after the other or equals it.</summary>
    public static bool operator >=(AddressRange left, AddressRange right) => left.CompareTo(right) >= 0;

    /// <summary>Both bounds, inclusive, as people write them: <c>0x08000000-0x08007FFF</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Start:X8}-0x{Last:X8}");
}
