using Defuse.Images;

namespace Defuse.Core.Tests.Images;

public class FirmwareImageTests
{
    [Fact]
    public void Reading_covering_and_slicing_agree_byte_for_byte()
    {
        var random = new Random(4);
        for (var round = 0; round < 300; round++)
        {
            var image = RandomImages.Sparse(random, 60);
            for (var i = 0; i < 40; i++)
            {
                var near = image.Segments[random.Next(image.Segments.Length)].Range;
                var start = Math.Clamp(near.Start + random.Next(-70, 70), 0, AddressRange.AddressSpaceEnd - 1);
                var range = new AddressRange((uint)start, Math.Min(random.Next(1, 130), AddressRange.AddressSpaceEnd - start));
                var bytes = new byte[range.Length];
                var slice = image.Slice(range);
                var covered = image.Covers(range);
                Assert.Equal(covered, image.TryRead(range.Start, bytes));
                Assert.Equal(covered, slice.ByteCount == range.Length);
                Assert.True(slice.IsEmpty || range.Contains(slice.Extent!.Value));
                for (var address = range.Start; ; address++)
                {
                    var one = new byte[1];
                    var sliced = new byte[1];
                    Assert.Equal(image.TryRead(address, one), slice.TryRead(address, sliced));
                    Assert.Equal(one, sliced);
                    Assert.True(!covered || bytes[address - range.Start] == one[0]);
                    if (address == range.Last)
                    {
                        break;
                    }
                }
            }
        }
    }

    [Fact]
    public void Images_of_the_same_bytes_are_equal_and_one_changed_bit_makes_them_differ()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var image = RandomImages.Sparse(random, 60);
            var segment = image.Segments[random.Next(image.Segments.Length)];
            var bytes = segment.Data.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            var same = new FirmwareImageBuilder();
            var other = new FirmwareImageBuilder();
            foreach (var each in image.Segments)
            {
                same.Add(each.Range.Start, each.Data.Span);
                other.Add(each.Range.Start, each == segment ? bytes : each.Data.Span);
            }

            Assert.Equal(image, same.Build());
            Assert.Equal(image.GetHashCode(), same.Build().GetHashCode());
            Assert.NotEqual(image, other.Build());
        }
    }

    [Fact]
    public void An_image_does_not_change_with_the_array_that_it_was_made_of()
    {
        byte[] bytes = [1, 2, 3];
        var image = FirmwareImage.FromBytes(0x100, bytes);
        bytes[0] = 9;
        Assert.Equal([1, 2, 3], image.Segments[0].Data.ToArray());
    }

    [Fact]
    public void Reading_past_the_end_of_the_address_space_fails_and_leaves_the_destination_alone()
    {
        var image = FirmwareImage.FromBytes(0xFFFF_FFFE, [1, 2]);
        byte[] destination = [7, 7, 7];
        Assert.False(image.TryRead(0xFFFF_FFFE, destination));
        Assert.Equal([7, 7, 7], destination);
        Assert.True(image.TryRead(0xFFFF_FFFE, destination.AsSpan(0, 2)));
        Assert.Equal([1, 2, 7], destination);
    }

    [Fact]
    public void Nothing_is_an_image_too()
    {
        Assert.True(FirmwareImage.FromBytes(5, []).IsEmpty);
        Assert.Null(FirmwareImage.Empty.Extent);
        Assert.False(FirmwareImage.Empty.Covers(new AddressRange(0, 1)));
        Assert.True(FirmwareImage.Empty.Slice(new AddressRange(0, AddressRange.AddressSpaceEnd)).IsEmpty);
    }

    [Fact]
    public void Filling_a_range_keeps_every_byte_and_leaves_no_gap_there()
    {
        var random = new Random(6);
        for (var round = 0; round < 300; round++)
        {
            var image = RandomImages.Sparse(random, 60);
            var near = image.Segments[random.Next(image.Segments.Length)].Range;
            var start = Math.Clamp(near.Start + random.Next(-70, 70), 0, AddressRange.AddressSpaceEnd - 1);
            var range = new AddressRange((uint)start, Math.Min(random.Next(1, 200), AddressRange.AddressSpaceEnd - start));
            var filled = image.Fill(range, 0xA5);
            var filler = new FirmwareImageBuilder();
            filler.Add(image);
            for (long address = range.Start; address < range.End; address++)
            {
                if (!image.Covers(new AddressRange((uint)address, 1)))
                {
                    filler.Add((uint)address, [0xA5]);
                }
            }

            Assert.Equal(filler.Build(), filled);
        }
    }

    [Fact]
    public void Filling_more_than_an_array_holds_is_misuse() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FirmwareImage.FromBytes(0, [1]).Fill(new AddressRange(1, 0xFFFF_FFFF), 0));
}
