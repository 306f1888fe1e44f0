using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>Holds an image against the sectors of a memory.</summary>
internal static class SectorAnalysis
{
    public static SectorReport Of(FirmwareImage image, MemoryMap memory, byte erased, FirmwareImage? contents, BootloaderArea? bootloader)
    {
        var touched = Touched(image, memory);
        return new SectorReport
        {
            Touched = touched,
            Kept = Kept(touched, memory),
            Replaced = contents is null ? null : FirmwareIdentity.FindAll(Within(contents, touched)).FirstOrDefault(),
            Losses = contents is null ? [] : [.. Losses(image, touched, erased, contents)],
            Bootloader = FromBoard(touched, bootloader) ?? FromContents(image, touched, memory, contents),
        };
    }

    private static ImmutableArray<SectorUse> Touched(FirmwareImage image, MemoryMap memory)
    {
        var touched = ImmutableArray.CreateBuilder<SectorUse>();
        foreach (var segment in image.Segments)
        {
            foreach (var sector in memory.SectorsIn(segment.Range))
            {
                var bytes = segment.Range.Intersect(sector.Range)!.Value.Length;
                if (touched.Count > 0 && touched[^1].Sector.Range == sector.Range)
                {
                    touched[^1] = touched[^1] with { ImageBytes = touched[^1].ImageBytes + bytes };
                }
                else
                {
                    touched.Add(new SectorUse(sector, bytes));
                }
            }
        }

        return touched.ToImmutable();
    }

    private static ImmutableArray<AddressRange> Kept(ImmutableArray<SectorUse> touched, MemoryMap memory)
    {
        var kept = new List<AddressRange>();
        foreach (var (before, behind) in touched.Zip(touched.Skip(1)))
        {
            if (before.Sector.Range.End == behind.Sector.Range.Start)
            {
                continue;
            }

            foreach (var sector in memory.SectorsIn(AddressRange.FromBounds(before.Sector.Range.End, behind.Sector.Range.Start)))
            {
                if (kept.Count > 0 && kept[^1].End == sector.Range.Start)
                {
                    kept[^1] = AddressRange.FromBounds(kept[^1].Start, sector.Range.End);
                }
                else
                {
                    kept.Add(sector.Range);
                }
            }
        }

        return [.. kept];
    }

    private static FirmwareImage Within(FirmwareImage contents, ImmutableArray<SectorUse> touched)
    {
        var builder = new FirmwareImageBuilder();
        foreach (var segment in touched.SelectMany(x => contents.Slice(x.Sector.Range).Segments))
        {
            builder.Add(segment.Range.Start, segment.Data.Span);
        }

        return builder.Build();
    }

    // One loss for each run of sectors: what spans several is one thing to the person who loses it.
    private static IEnumerable<SectorLoss> Losses(FirmwareImage image, ImmutableArray<SectorUse> touched, byte erased, FirmwareImage contents)
    {
        AddressRange? lost = null;
        long end = 0;
        foreach (var use in touched)
        {
            if (lost is { } before && end != use.Sector.Range.Start)
            {
                yield return new SectorLoss(before, Describe(contents.Slice(before)));
                lost = null;
            }

            end = use.Sector.Range.End;
            if (use.Rest > 0 && LostIn(image, use.Sector.Range, erased, contents) is { } here)
            {
                lost = lost is { } started ? AddressRange.FromBounds(started.Start, here.End) : here;
            }
        }

        if (lost is { } last)
        {
            yield return new SectorLoss(last, Describe(contents.Slice(last)));
        }
    }

    private static AddressRange? LostIn(FirmwareImage image, AddressRange sector, byte erased, FirmwareImage contents)
    {
        AddressRange? lost = null;
        long next = sector.Start;
        foreach (var range in image.Slice(sector).Segments.Select(x => (AddressRange?)x.Range).Append(null))
        {
            var free = range?.Start ?? sector.End;
            if (free > next)
            {
                foreach (var part in contents.Slice(AddressRange.FromBounds(next, free)).Segments)
                {
                    var first = part.Data.Span.IndexOfAnyExcept(erased);
                    if (first >= 0)
                    {
                        var last = part.Data.Span.LastIndexOfAnyExcept(erased);
                        lost = AddressRange.FromBounds(lost?.Start ?? part.Range.Start + first, part.Range.Start + last + 1L);
                    }
                }
            }

            next = range?.End ?? next;
        }

        return lost;
    }

    private static string Describe(FirmwareImage lost) =>
        FirmwareIdentity.FindAll(lost) is [var identity, ..] ? identity.ToString()
        : ContentAnalysis.Of(lost).FileSystems is [var system, ..] ? $"a {system.Name} file system"
        : ProgramStartSearch.Search(lost) is { } table ? $"a program that starts from 0x{table.Address:X8}"
        : "data";

    private static SectorLoss? FromBoard(ImmutableArray<SectorUse> touched, BootloaderArea? bootloader)
    {
        foreach (var use in touched)
        {
            if (bootloader is not null && use.Sector.Range.Overlaps(bootloader.Range))
            {
                return new SectorLoss(bootloader.Range, bootloader.Name);
            }
        }

        return null;
    }

    // Two programs, one of them where the chip starts: that one is there to start the other.
    private static SectorLoss? FromContents(FirmwareImage image, ImmutableArray<SectorUse> touched, MemoryMap memory, FirmwareImage? contents)
    {
        if (contents is null || memory.Flash is not { } flash || touched.IsEmpty || touched[0].Sector.Range.Start != flash.Start
            || VectorTable.TryRead(contents, flash.Start) is not { } first || !first.Check(contents).IsEmpty)
        {
            return null;
        }

        var application = flash.Runs
            .SelectMany(run => Enumerable.Range(0, run.Count).Select(i => (uint)(run.Range.Start + (i * run.SectorSize))))
            .Where(x => x > flash.Start && x > (first.Reset & ~1u))
            .Select(x => VectorTable.TryRead(contents, x))
            .FirstOrDefault(x => x is not null && x.Check(contents).IsEmpty && x.Reset > x.Address);
        if (application is null)
        {
            return null;
        }

        var range = AddressRange.FromBounds(flash.Start, application.Address);
        var own = contents.Slice(range);
        var name = FirmwareIdentity.FindAll(own) is [var identity, ..] ? identity.ToString() : "a program";
        return image.Slice(range).Equals(own) ? null : new SectorLoss(range, $"{name} that starts the one at 0x{application.Address:X8}");
    }
}
