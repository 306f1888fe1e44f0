using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Programming;

/// <summary>The state of every range of a plan, while it runs.</summary>
internal sealed class RangeStates
{
    // Sorted and disjoint; neighbours that touch have different states.
    private readonly List<ReportedRange> _ranges = [];

    public ImmutableArray<ReportedRange> ToImmutable() => [.. _ranges];

    public long BytesIn(RangeState state) => _ranges.Where(x => x.State == state).Sum(x => x.Range.Length);

    /// <summary>The parts of a range that have a state, by address.</summary>
    public ImmutableArray<ReportedRange> In(AddressRange range) =>
    [
        .. _ranges
            .Where(x => x.Range.Overlaps(range))
            .Select(x => new ReportedRange(x.Range.Intersect(range)!.Value, x.State)),
    ];

    public void Set(AddressRange range, RangeState state)
    {
        var first = FirstEndingAfter(range.Start - 1L);
        var last = first;
        var start = range.Start + 0L;
        var end = range.End;
        var replacement = new List<ReportedRange>(3);
        for (; last < _ranges.Count && _ranges[last].Range.Start <= range.End; last++)
        {
            var (old, oldState) = _ranges[last];
            if (oldState == state)
            {
                start = Math.Min(start, old.Start);
                end = Math.Max(end, old.End);
                continue;
            }

            if (old.Start < range.Start)
            {
                replacement.Insert(0, new ReportedRange(AddressRange.FromBounds(old.Start, Math.Min(old.End, range.Start)), oldState));
            }

            if (old.End > range.End)
            {
                replacement.Add(new ReportedRange(AddressRange.FromBounds(Math.Max(old.Start, range.End), old.End), oldState));
            }
        }

        var at = replacement.FindIndex(x => x.Range.Start >= range.End);
        replacement.Insert(at < 0 ? replacement.Count : at, new ReportedRange(AddressRange.FromBounds(start, end), state));
        _ranges.RemoveRange(first, last - first);
        _ranges.InsertRange(first, replacement);
    }

    // The first range that ends at or after an address + 1: it overlaps or touches what begins there.
    private int FirstEndingAfter(long address)
    {
        int low = 0, high = _ranges.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].Range.End > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
