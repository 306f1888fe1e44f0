using Defuse.Images;
using Defuse.Programming;

namespace Defuse.Cli.Live;

/// <summary>What is known of memory, as the events tell it.</summary>
internal sealed class StateMap
{
    // Invariant: sorted by address and disjoint.
    private readonly List<ReportedRange> _ranges = [];

    /// <summary>All that is known, by address.</summary>
    public IReadOnlyList<ReportedRange> Ranges => _ranges;

    public void Set(AddressRange range, RangeState state)
    {
        var first = _ranges.FindIndex(x => x.Range.End > range.Start);
        first = first < 0 ? _ranges.Count : first;
        var (start, end) = ((long)range.Start, range.End);
        var parts = new List<ReportedRange>();
        var next = first;
        for (; next < _ranges.Count && _ranges[next].Range.Start < range.End; next++)
        {
            var old = _ranges[next];
            if (old.Range.Start < range.Start)
            {
                parts.Add(old with { Range = AddressRange.FromBounds(old.Range.Start, range.Start) });
            }

            if (old.Range.End > range.End)
            {
                parts.Add(old with { Range = AddressRange.FromBounds(range.End, old.Range.End) });
            }
        }

        _ranges.RemoveRange(first, next - first);
        parts.Add(new ReportedRange(AddressRange.FromBounds(start, end), state));
        parts.Sort((x, y) => x.Range.CompareTo(y.Range));
        _ranges.InsertRange(first, parts);
        Join(Math.Max(0, first - 1), first + parts.Count);
    }

    /// <summary>What stands for a piece of memory: its worst, else what all of the image in it has reached.</summary>
    public RangeState Summarize(AddressRange piece, FirmwareImage image)
    {
        long verified = 0, written = 0;
        var blank = false;
        var blankness = false;
        foreach (var (range, state) in _ranges)
        {
            if (range.Intersect(piece) is not { } shared)
            {
                continue;
            }

            switch (state)
            {
                case RangeState.Different or RangeState.Indeterminate:
                    return state;
                case RangeState.Verified when image.IsEmpty:
                    blankness = true;
                    break;
                case RangeState.Verified:
                    verified += image.Slice(shared).ByteCount;
                    break;
                case RangeState.Written:
                    written += image.Slice(shared).ByteCount;
                    break;
                case RangeState.Blank:
                    blank = true;
                    break;
            }
        }

        var all = image.Slice(piece).ByteCount;
        return blankness || (all > 0 && verified == all) ? RangeState.Verified
            : all > 0 && verified + written == all ? RangeState.Written
            : blank ? RangeState.Blank
            : RangeState.Untouched;
    }

    private void Join(int first, int last)
    {
        for (var i = Math.Min(last, _ranges.Count - 1); i > first; i--)
        {
            if (_ranges[i - 1].Range.End == _ranges[i].Range.Start && _ranges[i - 1].State == _ranges[i].State)
            {
                _ranges[i - 1] = _ranges[i - 1] with { Range = AddressRange.FromBounds(_ranges[i - 1].Range.Start, _ranges[i].Range.End) };
                _ranges.RemoveAt(i);
            }
        }
    }
}
