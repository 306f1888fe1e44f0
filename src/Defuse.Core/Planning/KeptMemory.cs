using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Planning;

/// <summary>What outlives an erase because it is read before and written back.</summary>
internal static class KeptMemory
{
    /// <summary>An image without what lies in ranges that are kept.</summary>
    public static FirmwareImage Without(FirmwareImage image, ImmutableArray<AddressRange> kept)
    {
        if (kept.IsEmpty)
        {
            return image;
        }

        var rest = new FirmwareImageBuilder();
        foreach (var segment in image.Segments)
        {
            foreach (var range in Subtract(segment.Range, AddressRange.Join(kept.Order())))
            {
                rest.Add(range.Start, segment.Data.Span.Slice((int)(range.Start - segment.Range.Start), (int)range.Length));
            }
        }

        return rest.Build();
    }

    /// <summary>What stands against keeping ranges that are not all in memory that is written; null if nothing does.</summary>
    public static Refusal? Outside(ImmutableArray<AddressRange> kept, MemoryMap memory)
    {
        foreach (var range in kept)
        {
            var others = memory.SectorsIn(range).Where(x => memory.KindAt(x.Range.Start) is not (MemoryKind.Flash or MemoryKind.DataEeprom)).Select(x => x.Range);
            if (memory.Outside(range).Concat(others).Order().Select(x => (AddressRange?)x).FirstOrDefault() is { } outside)
            {
                var where = string.Join(", ", AddressRange.Join(memory.Flash?.Runs.Select(x => x.Range) ?? []));
                return new Refusal(
                    RefusalKind.Outside,
                    $"{range} is to be kept, and {(outside == range || outside.Contains(range.Start) ? "is not" : $"from 0x{outside.Start:X8} on it is not")} in the flash of this device",
                    range,
                    $"keep ranges inside its flash: {where}");
            }
        }

        return null;
    }

    /// <summary>What of erased sectors is to be kept, by address.</summary>
    /// <param name="erased">The sectors.</param>
    /// <param name="image">What is written to them.</param>
    /// <param name="options">What is kept.</param>
    public static ImmutableArray<AddressRange> In(IEnumerable<Sector> erased, FirmwareImage image, FlashOptions options)
    {
        var ranges = new List<AddressRange>();
        foreach (var sector in erased)
        {
            if (options.KeepUnwritten)
            {
                ranges.AddRange(Subtract(sector.Range, image.Slice(sector.Range).Segments.Select(x => x.Range)));
            }
            else
            {
                ranges.AddRange(options.Keep.Select(x => x.Intersect(sector.Range)).OfType<AddressRange>());
            }
        }

        return [.. AddressRange.Join(ranges.Order())];
    }

    // The others are in order.
    private static IEnumerable<AddressRange> Subtract(AddressRange range, IEnumerable<AddressRange> others)
    {
        long next = range.Start;
        foreach (var other in others)
        {
            if (other.Start > next && next < range.End)
            {
                yield return AddressRange.FromBounds(next, Math.Min(other.Start, range.End));
            }

            next = Math.Max(next, other.End);
        }

        if (next < range.End)
        {
            yield return AddressRange.FromBounds(next, range.End);
        }
    }
}
