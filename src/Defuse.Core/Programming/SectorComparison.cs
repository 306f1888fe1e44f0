using Defuse.Images;
using Defuse.Planning;
using Defuse.Targets;

namespace Defuse.Programming;

/// <summary>Finds the sectors that differ from an image; leaves each at its first difference.</summary>
internal sealed class SectorComparison(IMemoryTarget target, FlashPlan plan, RangeAccount account, PhaseProgress phase)
{
    private readonly HashSet<uint> _changed = [];

    /// <summary>What was found.</summary>
    public MemorySurvey Survey => new(_changed);

    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        foreach (var sweep in plan.SurveyReads)
        {
            for (long address = sweep.Start; address < sweep.End;)
            {
                address = await CompareUntilDifferenceAsync(AddressRange.FromBounds(address, sweep.End), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Reads on until a sector differs that goes on behind what was read; returns where to go on: behind that sector, or at
    // the end.
    private async ValueTask<long> CompareUntilDifferenceAsync(
        AddressRange range, CancellationToken cancellationToken)
    {
        if (plan.Target.Memory.FindSector(range.Start) is { } first && _changed.Contains(first.Range.Start))
        {
            return Skip(range.Start, Math.Min(first.Range.End, range.End));
        }

        await foreach (var block in target.ReadAsync(range, cancellationToken).ConfigureAwait(false))
        {
            var goOn = block.Range.End;
            foreach (var sector in plan.Target.Memory.SectorsIn(block.Range))
            {
                if (!CompareSector(block, sector.Range))
                {
                    goOn = Math.Max(goOn, sector.Range.End);
                }
            }

            if (goOn > block.Range.End)
            {
                return Skip(block.Address, Math.Min(goOn, range.End));
            }

            phase.Advance(block.Range.Last, block.Data.Length);
        }

        return range.End;
    }

    private bool CompareSector(MemoryBlock block, AddressRange sector)
    {
        foreach (var expected in plan.Image.Slice(sector.Intersect(block.Range)!.Value).Segments)
        {
            if (!expected.Data.Span.SequenceEqual(block.Part(expected.Range)))
            {
                _changed.Add(sector.Start);
                return false;
            }

            account.Mark(expected.Range, RangeState.Verified);
        }

        return true;
    }

    private long Skip(uint from, long to)
    {
        phase.Advance((uint)(to - 1), to - from);
        return to;
    }
}
