using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>Holds an image against chips.</summary>
internal static class ChipFits
{
    public static ImmutableArray<ChipFit> Of(
        FirmwareImage image, VectorTable? table, ImmutableArray<FirmwareIdentity> identities, MadeFor? madeFor, ChipDatabase chips)
    {
        // Bytes that no chip has flash for lie beside it; unless they all do, then they are for none.
        var external = Outside(image, AddressRange.Join(chips.Chips.SelectMany(x => x.Layouts).SelectMany(x => x.Runs).Select(x => x.Range)));
        var isAllOutside = external.Bytes == image.ByteCount;
        external = isAllOutside ? (0, null) : external;
        var named = identities.FirstOrDefault(x => x.Mcu is not null);
        var fits = ImmutableArray.CreateBuilder<ChipFit>();
        foreach (var chip in chips.Chips)
        {
            var common = Common(chip, table, named, madeFor).ToList();
            foreach (var layout in chip.Layouts)
            {
                var outside = Outside(image, AddressRange.Join(layout.Runs.Select(x => x.Range)));
                var misfits = ImmutableArray.CreateBuilder<ChipMisfit>();
                if (outside.Bytes > external.Bytes)
                {
                    var size = Words.Size(layout.Runs.Sum(x => x.Range.Length));
                    misfits.Add(new ChipMisfit(
                        ChipMisfitKind.Outside,
                        isAllOutside ? "not one of its bytes lies in flash" : $"{Words.Size(outside.Bytes)} from 0x{outside.First!.Value.Start:X8} on lie outside its flash of {size}",
                        outside.First));
                }

                if (external.First is { } first)
                {
                    misfits.Add(new ChipMisfit(
                        ChipMisfitKind.External, $"{Words.Size(external.Bytes)} from 0x{first.Start:X8} on lie outside every chip's flash", first));
                }

                misfits.AddRange(common);
                fits.Add(new ChipFit(chip, layout, misfits.ToImmutable()));
            }
        }

        return fits.ToImmutable();
    }

    /// <summary>The same for bytes whose place nobody knows.</summary>
    public static ImmutableArray<ChipFit> OfUnplaced(
        FirmwareImage image, ImmutableArray<FirmwareIdentity> identities, MadeFor? madeFor, ChipDatabase chips)
    {
        var named = identities.FirstOrDefault(x => x.Mcu is not null);
        var fits = ImmutableArray.CreateBuilder<ChipFit>();
        foreach (var chip in chips.Chips)
        {
            var common = Common(chip, null, named, madeFor).ToList();
            foreach (var layout in chip.Layouts)
            {
                var size = layout.Runs.Sum(x => x.Range.Length);
                ImmutableArray<ChipMisfit> tooMuch = image.ByteCount <= size
                    ? []
                    : [new ChipMisfit(ChipMisfitKind.Outside, $"{Words.Size(image.ByteCount)} are more than {Words.Size(size)} of flash")];
                fits.Add(new ChipFit(chip, layout, [.. tooMuch, .. common]));
            }
        }

        return fits.ToImmutable();
    }

    private static IEnumerable<ChipMisfit> Common(ChipProfile chip, VectorTable? table, FirmwareIdentity? named, MadeFor? madeFor)
    {
        if (table is not null && !chip.Ram.Any(x => table.InitialStackPointer > x.Start && table.InitialStackPointer <= x.End))
        {
            yield return new ChipMisfit(ChipMisfitKind.StackPointer, $"the stack pointer 0x{table.InitialStackPointer:X8} lies outside its RAM");
        }

        if (named is { Mcu: { } mcu } && named.IsNotFor([chip]))
        {
            yield return new ChipMisfit(ChipMisfitKind.Named, $"{named.Name} says it is for {mcu}");
        }

        foreach (var reason in madeFor?.Against([chip]) ?? [])
        {
            yield return new ChipMisfit(ChipMisfitKind.MadeFor, reason);
        }
    }

    private static (long Bytes, AddressRange? First) Outside(FirmwareImage image, ImmutableArray<AddressRange> flash)
    {
        if (image.Extent is { } extent && flash.Any(x => x.Contains(extent)))
        {
            return (0, null);
        }

        long bytes = 0;
        AddressRange? first = null;
        foreach (var segment in image.Segments)
        {
            long next = segment.Range.Start;
            foreach (var range in flash)
            {
                if (range.End <= next || range.Start >= segment.Range.End)
                {
                    continue;
                }

                if (range.Start > next)
                {
                    bytes += range.Start - next;
                    first ??= AddressRange.FromBounds(next, range.Start);
                }

                next = range.End;
            }

            if (next < segment.Range.End)
            {
                bytes += segment.Range.End - next;
                first ??= AddressRange.FromBounds(next, segment.Range.End);
            }
        }

        return (bytes, first);
    }

}
