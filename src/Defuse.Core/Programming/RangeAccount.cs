using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Programming;

/// <summary>Keeps what is known of every range while a plan runs, and tells of each change.</summary>
internal sealed class RangeAccount(IProgress<ProgrammingEvent>? progress)
{
    private readonly RangeStates _states = new();

    /// <summary>How many bytes were read back and are as they should be.</summary>
    public long BytesVerified => _states.BytesIn(RangeState.Verified);

    /// <summary>What was read back and is not as it should be; null if nothing is.</summary>
    public MemoryDifference? Difference { get; private set; }

    public ImmutableArray<ReportedRange> Ranges => _states.ToImmutable();

    /// <summary>Takes ranges in that nothing has been done to.</summary>
    public void Open(IEnumerable<AddressRange> ranges)
    {
        foreach (var range in ranges)
        {
            _states.Set(range, RangeState.Untouched);
        }
    }

    /// <summary>What is known of a range now, to be restored if what comes next is never begun.</summary>
    public ImmutableArray<ReportedRange> Remember(AddressRange range) => _states.In(range);

    public void Restore(ImmutableArray<ReportedRange> ranges)
    {
        foreach (var (range, state) in ranges)
        {
            Mark(range, state);
        }
    }

    public void Mark(AddressRange range, RangeState state)
    {
        _states.Set(range, state);
        progress?.Report(new ProgrammingEvent.StateChanged(range, state));
    }

    /// <summary>Compares bytes that were read back with those that should be there.</summary>
    /// <param name="expected">Where they are, and what they should be.</param>
    /// <param name="found">What was read; as long.</param>
    public void Compare(ImageSegment expected, ReadOnlySpan<byte> found)
    {
        var bytes = expected.Data.Span;
        var first = bytes.CommonPrefixLength(found);
        if (first == found.Length)
        {
            Mark(expected.Range, RangeState.Verified);
            return;
        }

        long count = 0;
        var end = first;
        for (var i = first; i < found.Length; i++)
        {
            if (bytes[i] != found[i])
            {
                count++;
                end = i + 1;
            }
        }

        var address = (uint)(expected.Range.Start + first);

        // The sweep does not read in order of addresses, and people look for the lowest one.
        Difference = Difference is { } earlier && earlier.Address < address
            ? earlier with { Count = earlier.Count + count }
            : new MemoryDifference(address, bytes[first], found[first], (Difference?.Count ?? 0) + count);
        MarkIfAny(expected.Range.Start, address, RangeState.Verified);
        Mark(new AddressRange(address, end - first), RangeState.Different);
        MarkIfAny(expected.Range.Start + end, expected.Range.End, RangeState.Verified);
    }

    /// <summary>
    /// Where a sector was found to differ, the device's word for the rest of it counts for nothing: a write-protected sector
    /// confirms an erase that never was.
    /// </summary>
    public void DistrustDifferentSectors(MemoryMap memory)
    {
        foreach (var different in Ranges.Where(x => x.State == RangeState.Different))
        {
            foreach (var sector in memory.SectorsIn(different.Range))
            {
                foreach (var (range, state) in _states.In(sector.Range))
                {
                    if (state is RangeState.Blank or RangeState.Written)
                    {
                        Mark(range, RangeState.Indeterminate);
                    }
                }
            }
        }
    }

    /// <summary>The device confirmed what it did not do: only what was read back is known.</summary>
    public void DistrustAnswers()
    {
        foreach (var (range, state) in Ranges)
        {
            if (state is RangeState.Blank or RangeState.Written)
            {
                Mark(range, RangeState.Indeterminate);
            }
        }
    }

    private void MarkIfAny(long start, long end, RangeState state)
    {
        if (start < end)
        {
            Mark(AddressRange.FromBounds(start, end), state);
        }
    }
}
