using Defuse.Images;

namespace Defuse.Core.Tests.Images;

public class FirmwareImageBuilderTests
{
    [Fact]
    public void An_image_agrees_with_a_dictionary_of_bytes_whatever_the_order_and_the_overlaps()
    {
        var random = new Random(2);
        var conflicts = 0;
        for (var round = 0; round < 4000; round++)
        {
            var origin = random.Next(3) switch { 0 => 0L, 1 => 0x0800_0000, _ => AddressRange.AddressSpaceEnd - 120 };
            var memory = RandomImages.Bytes(random, 120);
            var mayConflict = random.Next(2) == 0;
            var builder = new FirmwareImageBuilder(random.Next(2) * random.Next(50));
            var model = new SortedDictionary<long, HashSet<byte>>();
            for (var i = random.Next(0, 12); i > 0; i--)
            {
                var start = random.Next(119);
                var data = memory.AsSpan(start, random.Next(0, Math.Min(30, 120 - start))).ToArray();
                if (mayConflict && data.Length > 0 && random.Next(6) == 0)
                {
                    data[random.Next(data.Length)] ^= 1;
                }

                builder.Add((uint)(origin + start), data);
                for (var j = 0; j < data.Length; j++)
                {
                    model.TryAdd(origin + start + j, []);
                    model[origin + start + j].Add(data[j]);
                }
            }

            if (model.Values.Any(x => x.Count > 1))
            {
                conflicts++;
                var conflict = Assert.Throws<ImageConflictException>(builder.Build);
                var address = conflict.Address!.Value;
                Assert.Equal(model[address].Order(), new[] { conflict.FirstByte, conflict.SecondByte }.Order());
                Assert.True(conflict.First.Contains(address) && conflict.Second.Contains(address));
                Assert.Contains($"{conflict.First}", conflict.Message, StringComparison.Ordinal);
                Assert.Contains($"{conflict.Second}", conflict.Message, StringComparison.Ordinal);
                continue;
            }

            AssertHolds(builder.Build(), model);
        }

        Assert.InRange(conflicts, 100, 3900);
    }

    [Fact]
    public void The_order_of_additions_does_not_matter()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var image = RandomImages.Sparse(random);
            var pieces = new List<(uint Address, ReadOnlyMemory<byte> Data)>();
            foreach (var segment in image.Segments)
            {
                for (var start = 0; start < segment.Data.Length;)
                {
                    var length = Math.Min(random.Next(1, 100), segment.Data.Length - start);
                    pieces.Add((segment.Range.Start + (uint)start, segment.Data.Slice(start, length)));
                    start += length;
                }
            }

            var shuffled = pieces.ToArray();
            random.Shuffle(shuffled);
            var builder = new FirmwareImageBuilder();
            foreach (var (address, data) in shuffled)
            {
                builder.Add(address, data.Span);
            }

            Assert.Equal(image, builder.Build());
        }
    }

    [Fact]
    public void An_image_stays_as_it_is_when_its_builder_goes_on()
    {
        var builder = new FirmwareImageBuilder();
        builder.Add(0x20, [5, 6]);
        builder.Add(0x10, [1, 2]);
        var before = builder.Build();
        builder.Add(0x22, [7]);
        builder.Add(0x12, [3, 4]);
        var after = builder.Build();
        Assert.Equal([1, 2], before.Segments[0].Data.ToArray());
        Assert.Equal([5, 6], before.Segments[1].Data.ToArray());
        Assert.Equal([1, 2, 3, 4], after.Segments[0].Data.ToArray());
        Assert.Equal([5, 6, 7], after.Segments[1].Data.ToArray());
    }

    [Fact]
    public void The_part_that_was_added_first_is_named_first()
    {
        var builder = new FirmwareImageBuilder();
        builder.Add(0x104, [1, 2, 3, 4]);
        builder.Add(0x100, [0, 0, 0, 0, 1, 9]);
        var conflict = Assert.Throws<ImageConflictException>(builder.Build);
        Assert.Equal(new AddressRange(0x104, 4), conflict.First);
        Assert.Equal(new AddressRange(0x100, 6), conflict.Second);
        Assert.Equal("0x00000104-0x00000107 and 0x00000100-0x00000105 disagree at 0x00000105: 0x02 and 0x09", conflict.Message);
        Assert.NotNull(conflict.Remedy);
    }

    [Fact]
    public void Bytes_past_the_address_space_are_refused()
    {
        var builder = new FirmwareImageBuilder();
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Add(0xFFFF_FFFF, [1, 2]));
        builder.Add(0xFFFF_FFFF, [1]);
        Assert.Equal(0xFFFF_FFFF, builder.Build().Extent!.Value.Last);
    }

    [Fact]
    public void Sixty_four_bytes_at_each_end_of_the_address_space_are_a_128_byte_image()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var image = RandomImages.BothEnds();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
        Assert.Equal(128, image.ByteCount);
        Assert.Equal(2, image.Segments.Length);
        Assert.Equal(AddressRange.AddressSpaceEnd, image.Extent!.Value.Length);
    }

    private static void AssertHolds(FirmwareImage image, SortedDictionary<long, HashSet<byte>> model)
    {
        Assert.Equal(model.Count, image.ByteCount);
        long end = -1;
        foreach (var segment in image.Segments)
        {
            Assert.True(segment.Range.Start > end, "segments are sorted, and do not touch");
            end = segment.Range.End;
            for (var i = 0; i < segment.Data.Length; i++)
            {
                Assert.Equal(model[segment.Range.Start + (long)i].Single(), segment.Data.Span[i]);
            }
        }
    }
}
