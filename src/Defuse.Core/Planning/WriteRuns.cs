using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Planning;

/// <summary>Turns the parts of an image that lie in changed sectors into the longest runs that can be written.</summary>
internal static class WriteRuns
{
    /// <param name="image">The image.</param>
    /// <param name="changed">The sectors that are erased, in any order.</param>
    /// <param name="vectors">The address whose sector is written last.</param>
    /// <param name="target">Tells block size, program unit and erased byte.</param>
    public static ImmutableArray<ImageSegment> Of(
        FirmwareImage image, ImmutableArray<Sector> changed, uint vectors, TargetDescription target)
    {
        var builder = new FirmwareImageBuilder();
        var last = new FirmwareImageBuilder();
        foreach (var sector in changed)
        {
            AddPadded(sector.Range.Contains(vectors) ? last : builder, image.Slice(sector.Range), sector.Range, target);
        }

        return [.. NotBlank(builder.Build(), target), .. NotBlank(last.Build(), target)];
    }

    /// <summary>
    /// What is written without an erase. Data EEPROM takes the bytes as they are, blank ones too, since nothing has made
    /// it blank. One-time programmable memory takes whole program units; padding has all bits 1 and changes none.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="changed">The sectors that change.</param>
    /// <param name="target">Tells what kind of memory they are, and the program unit.</param>
    /// <param name="kind">Which kind is asked for.</param>
    public static IEnumerable<ImageSegment> InPlace(FirmwareImage image, ImmutableArray<Sector> changed, TargetDescription target, MemoryKind kind)
    {
        var runs = new FirmwareImageBuilder();
        foreach (var sector in changed.Where(x => target.Memory.KindAt(x.Range.Start) == kind))
        {
            if (kind == MemoryKind.Otp)
            {
                AddPadded(runs, image.Slice(sector.Range), sector.Range, target with { BlockSize = 1 });
            }
            else
            {
                runs.Add(image.Slice(sector.Range));
            }
        }

        var built = runs.Build();
        return kind == MemoryKind.Otp ? NotBlank(built, target) : built.Segments;
    }

    // Two segments may share a program unit, and padding must not meet data. A gap shorter than a block is filled too: the
    // sector is erased, and going round it would cost as many transfers as a block.
    private static void AddPadded(FirmwareImageBuilder builder, FirmwareImage image, AddressRange sector, TargetDescription target)
    {
        for (var first = 0; first < image.Segments.Length;)
        {
            var start = Math.Max(sector.Start, image.Segments[first].Range.Start / target.WriteUnit * target.WriteUnit);
            var next = first;
            long end = start;
            do
            {
                end = Math.Min(sector.End, (image.Segments[next].Range.End + target.WriteUnit - 1) / target.WriteUnit * target.WriteUnit);
                next++;
            }
            while (next < image.Segments.Length && image.Segments[next].Range.Start - end < target.BlockSize);

            var bytes = new byte[end - start];
            bytes.AsSpan().Fill(target.ErasedByte);
            for (; first < next; first++)
            {
                var segment = image.Segments[first];
                segment.Data.Span.CopyTo(bytes.AsSpan((int)(segment.Range.Start - start)));
            }

            builder.Add((uint)start, bytes);
        }
    }

    // A gap costs an address command, which is as many transfers as a block: so only what is at least a block is left out.
    private static IEnumerable<ImageSegment> NotBlank(FirmwareImage image, TargetDescription target)
    {
        foreach (var segment in image.Segments)
        {
            var data = segment.Data;
            var position = 0;
            while (position < data.Length)
            {
                position = SkipBlank(data.Span, position, target);
                if (position == data.Length)
                {
                    break;
                }

                var end = EndOfRun(data.Span, position, target);
                yield return new ImageSegment((uint)(segment.Range.Start + position), data[position..end]);
                position = end;
            }
        }
    }

    private static int SkipBlank(ReadOnlySpan<byte> data, int position, TargetDescription target)
    {
        var next = data[position..].IndexOfAnyExcept(target.ErasedByte);
        return next < 0 ? data.Length : position + next - (next % target.WriteUnit);
    }

    private static int EndOfRun(ReadOnlySpan<byte> data, int position, TargetDescription target)
    {
        while (true)
        {
            var blank = data[position..].IndexOf(target.ErasedByte);
            if (blank < 0)
            {
                return data.Length;
            }

            position += blank;
            var next = data[position..].IndexOfAnyExcept(target.ErasedByte);
            var length = next < 0 ? data.Length - position : next;
            if (length >= Math.Max(target.BlockSize, target.WriteUnit) || next < 0)
            {
                var unitEnd = (position + target.WriteUnit - 1) / target.WriteUnit * target.WriteUnit;
                return Math.Min(unitEnd, data.Length);
            }

            position += length;
        }
    }
}
