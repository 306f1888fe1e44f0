using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Cli.Live;

/// <summary>Cuts a memory into the cells that are drawn: several a sector where there are few, several sectors a cell where there are many.</summary>
internal static class SectorCells
{
    private const int MostRows = 3;

    /// <param name="flash">The memory.</param>
    /// <param name="width">How many cells fit in a row.</param>
    public static ImmutableArray<AddressRange> Of(MemoryRegion flash, int width)
    {
        var sectors = flash.Runs.SelectMany(Sectors).ToList();
        var parts = Math.Max(1, width / sectors.Count);
        var group = ((sectors.Count - 1) / (width * MostRows)) + 1;
        return group > 1
            ? [.. sectors.Chunk(group).Select(x => AddressRange.FromBounds(x.Min(y => y.Start), x.Max(y => y.End)))]
            : [.. sectors.SelectMany(x => Split(x, parts))];
    }

    private static IEnumerable<AddressRange> Sectors(SectorRun run)
    {
        for (long start = run.Range.Start; start < run.Range.End; start += run.SectorSize)
        {
            yield return AddressRange.FromBounds(start, start + run.SectorSize);
        }
    }

    private static IEnumerable<AddressRange> Split(AddressRange sector, int parts)
    {
        var count = (int)Math.Min(parts, sector.Length);
        for (var i = 0; i < count; i++)
        {
            yield return AddressRange.FromBounds(sector.Start + (sector.Length * i / count), sector.Start + (sector.Length * (i + 1) / count));
        }
    }
}
