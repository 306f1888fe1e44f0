using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>Looks at an image's bytes, each a few times at most.</summary>
internal static class ContentAnalysis
{
    private const int Window = 4096;
    private const int FewestPackedWindows = 4;

    // 4 KB of random bytes have 7.95 bits a byte, give or take 0.01; a table in which every byte is equally frequent has more.
    private const double LeastPacked = 7.88;
    private const double MostPacked = 7.985;

    public static ImageContent Of(FirmwareImage image)
    {
        var blanks = ImmutableArray.CreateBuilder<BlankRun>();
        var packed = ImmutableArray.CreateBuilder<AddressRange>();
        var fileSystems = ImmutableArray.CreateBuilder<FileSystemTrace>();
        var counts = new int[256];
        var all = new long[256];
        foreach (var segment in image.Segments)
        {
            AddBlanks(segment, blanks);
            AddWindows(segment, counts, all, packed);
            AddFileSystems(segment, fileSystems);
        }

        var used = Used(image, out var leading, out var trailing);
        return new ImageContent
        {
            ByteCount = image.ByteCount,
            Used = used,
            UsedBytes = used is null ? 0 : image.ByteCount - leading - trailing,
            Gaps = [.. image.Segments.Zip(image.Segments.Skip(1), (x, y) => AddressRange.FromBounds(x.Range.End, y.Range.Start))],
            Blanks = blanks.ToImmutable(),
            Entropy = Entropy(all, image.ByteCount),
            Packed = packed.ToImmutable(),
            FileSystems = fileSystems.ToImmutable(),
            IsDoubled = image.Segments is [var only] && IsDoubled(only.Data.Span),
        };
    }

    private static void AddBlanks(ImageSegment segment, ImmutableArray<BlankRun>.Builder blanks)
    {
        var data = segment.Data.Span;
        for (var i = 0; i < data.Length;)
        {
            var value = data[i];
            var length = data[i..].IndexOfAnyExcept(value);
            length = length < 0 ? data.Length - i : length;
            if (value is 0 or 0xFF && length >= ImageContent.ShortestBlank)
            {
                blanks.Add(new BlankRun(new AddressRange((uint)(segment.Range.Start + i), length), value));
            }

            i += length;
        }
    }

    private static void AddWindows(ImageSegment segment, int[] counts, long[] all, ImmutableArray<AddressRange>.Builder packed)
    {
        var data = segment.Data.Span;
        int? first = null;
        for (var start = 0; start < data.Length; start += Window)
        {
            var window = data.Slice(start, Math.Min(Window, data.Length - start));
            Array.Clear(counts);
            foreach (var value in window)
            {
                counts[value]++;
            }

            for (var i = 0; i < counts.Length; i++)
            {
                all[i] += counts[i];
            }

            var isPacked = window.Length == Window && Entropy(counts) is >= LeastPacked and <= MostPacked;
            first ??= isPacked ? start : null;
            if (!isPacked || start + Window >= data.Length)
            {
                var end = isPacked ? start + Window : start;
                if (first is { } from && end - from >= FewestPackedWindows * Window)
                {
                    packed.Add(new AddressRange((uint)(segment.Range.Start + from), end - from));
                }

                first = null;
            }
        }
    }

    private static double Entropy(int[] counts)
    {
        var bits = 0.0;
        foreach (var count in counts)
        {
            bits -= count == 0 ? 0 : count * Math.Log2(count / (double)Window);
        }

        return bits / Window;
    }

    private static double Entropy(long[] counts, long total)
    {
        var bits = 0.0;
        foreach (var count in counts)
        {
            bits -= count == 0 ? 0 : count / (double)total * Math.Log2(count / (double)total);
        }

        return Math.Max(bits, 0);
    }

    // A FAT's boot sector: a jump, its name in its place, 55AA at the end (Microsoft, FAT specification, section 3). A
    // littlefs superblock: a revision, then an entry named "littlefs" (littlefs, SPEC.md).
    private static void AddFileSystems(ImageSegment segment, ImmutableArray<FileSystemTrace>.Builder found)
    {
        const int Sector = 512;
        var data = segment.Data.Span;
        for (var i = (int)((Sector - (segment.Range.Start % Sector)) % Sector); i + Sector <= data.Length; i += Sector)
        {
            var sector = data.Slice(i, Sector);
            var address = (uint)(segment.Range.Start + i);
            if (sector[..16].EndsWith("littlefs"u8))
            {
                found.Add(new FileSystemTrace("littlefs", address));
            }
            else if (sector[0] is 0xEB or 0xE9 && sector[510] == 0x55 && sector[511] == 0xAA)
            {
                var name = sector.Slice(54, 8).SequenceEqual("FAT12   "u8) ? "FAT12"
                    : sector.Slice(54, 8).SequenceEqual("FAT16   "u8) ? "FAT16"
                    : sector.Slice(82, 8).SequenceEqual("FAT32   "u8) ? "FAT32" : null;
                if (name is not null)
                {
                    found.Add(new FileSystemTrace(name, address));
                }
            }
        }
    }

    private static AddressRange? Used(FirmwareImage image, out long leading, out long trailing)
    {
        leading = trailing = 0;
        long? first = null;
        long last = 0;
        foreach (var segment in image.Segments)
        {
            var start = segment.Data.Span.IndexOfAnyExcept((byte)0xFF);
            if (start < 0)
            {
                (leading, trailing) = first is null ? (leading + segment.Data.Length, 0) : (leading, trailing + segment.Data.Length);
                continue;
            }

            var end = segment.Data.Span.LastIndexOfAnyExcept((byte)0xFF) + 1;
            leading += first is null ? start : 0;
            first ??= segment.Range.Start + start;
            last = segment.Range.Start + end;
            trailing = segment.Data.Length - end;
        }

        return first is { } from ? AddressRange.FromBounds(from, last) : null;
    }

    private static bool IsDoubled(ReadOnlySpan<byte> data)
    {
        var half = data.Length / 2;
        return half >= ImageContent.ShortestBlank && data.Length % 2 == 0
            && data[..half].SequenceEqual(data[half..]) && data.ContainsAnyExcept(data[0]);
    }
}
