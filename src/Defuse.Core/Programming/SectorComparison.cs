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
            long address = sweep.Start;
            if (plan.Target.Memory.FindSector(sweep.Start) is { } first && _changed.Contains(first.Range.Start))
            {
                address = Skip(sweep, address, first.Range.End);
            }

            while (address < sweep.End)
            {
                address = await CompareUntilDifferenceAsync(sweep, address, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Reads on until a sector differs that goes on behind what was read; returns where to go on, or the end.
    private async ValueTask<long> CompareUntilDifferenceAsync(AddressRange sweep, long from, CancellationToken cancellationToken)
    {
        await foreach (var block in target.ReadAsync(AddressRange.FromBounds(from, sweep.End), cancellationToken).ConfigureAwait(false))
        {
            var goOn = block.Range.End;
            foreach (var sector in plan.Target.Memory.SectorsIn(block.Range))
            {
                if (_changed.Contains(sector.Range.Start) || !CompareSector(block, sector.Range))
                {
                    goOn = Math.Max(goOn, sector.Range.End);
                }
            }

            if (goOn > block.Range.End)
            {
                return Skip(sweep, block.Address, goOn);
            }

            phase.Advance(block.Range.Last, block.Data.Length);
        }

        return sweep.End;
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

    // To a whole number of blocks from where the sweep began, so that a device that counts blocks needs no new address. What
    // that reads of the sector before is known to be old.
    private long Skip(AddressRange sweep, long from, long to)
    {
        to = to < sweep.End ? sweep.Start + ((to - sweep.Start) / plan.Target.BlockSize * plan.Target.BlockSize) : sweep.End;
        phase.Advance((uint)(to - 1), to - from);
        return to;
    }
}
