using System.Collections.Immutable;

namespace Defuse.Simulator.Chips;

/// <summary>Ranges of pages, two a bank; one that ends before it begins protects nothing (RM0351, "Write protection").</summary>
/// <param name="Ranges">The registers.</param>
/// <param name="BankSize">Pages of a bank.</param>
internal sealed record PageRanges(ImmutableArray<PageRange> Ranges, int BankSize) : WriteProtectionModel
{
    public override bool IsProtected(ReadOnlySpan<byte> bytes, int sector, int sectorCount)
    {
        foreach (var range in Ranges)
        {
            var page = sector - range.Bank;
            if (page >= 0 && page < BankSize
                && page >= OptionBits.GetField(bytes, range.FirstBit, range.Width)
                && page <= OptionBits.GetField(bytes, range.LastBit, range.Width))
            {
                return true;
            }
        }

        return false;
    }

    public override void Protect(Span<byte> bytes, IReadOnlySet<int> sectors, int sectorCount)
    {
        foreach (var bank in Ranges.GroupBy(x => x.Bank))
        {
            var runs = Runs(sectors.Where(x => x >= bank.Key && x < bank.Key + BankSize).Select(x => x - bank.Key).Order());
            if (runs.Count > bank.Count())
            {
                throw new ArgumentException($"This chip write-protects at most {bank.Count()} ranges of pages a bank.", nameof(sectors));
            }

            foreach (var (range, i) in bank.Select((x, i) => (x, i)))
            {
                var (first, last) = i < runs.Count ? runs[i] : ((1 << range.Width) - 1, 0);
                OptionBits.SetField(bytes, range.FirstBit, range.Width, first);
                OptionBits.SetField(bytes, range.LastBit, range.Width, last);
            }
        }
    }

    private static List<(int First, int Last)> Runs(IEnumerable<int> pages)
    {
        var runs = new List<(int First, int Last)>();
        foreach (var page in pages)
        {
            if (runs.Count > 0 && runs[^1].Last == page - 1)
            {
                runs[^1] = (runs[^1].First, page);
            }
            else
            {
                runs.Add((page, page));
            }
        }

        return runs;
    }
}
