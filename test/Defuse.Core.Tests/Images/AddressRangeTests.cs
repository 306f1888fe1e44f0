using Defuse.Images;

namespace Defuse.Core.Tests.Images;

public class AddressRangeTests
{
    [Fact]
    public void The_whole_address_space_is_a_range()
    {
        var all = new AddressRange(0, AddressRange.AddressSpaceEnd);
        Assert.Equal(0xFFFF_FFFF, all.Last);
        Assert.Equal(0x1_0000_0000, all.End);
        Assert.True(all.Contains(0xFFFF_FFFF));
        Assert.False(all.Contains(0x1_0000_0000));
        Assert.Equal("0x00000000-0xFFFFFFFF", all.ToString());
    }

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(0u, -1)]
    [InlineData(0u, 0x1_0000_0001)]
    [InlineData(0xFFFF_FFFFu, 2)]
    public void What_is_empty_or_leaves_the_address_space_is_refused(uint start, long length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AddressRange(start, length));

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(5, 5)]
    [InlineData(5, 4)]
    [InlineData(0, 0x1_0000_0001)]
    [InlineData(0x1_0000_0000, 0x1_0000_0001)]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(5, long.MinValue)]
    public void Bounds_that_make_no_range_are_refused(long start, long end) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => AddressRange.FromBounds(start, end));

    [Fact]
    public void The_default_value_can_be_printed() => Assert.Equal("0x00000000-0x00000000", default(AddressRange).ToString());

    [Fact]
    public void Containing_overlapping_and_intersecting_agree_with_counting()
    {
        var random = new Random(1);
        for (var i = 0; i < 5000; i++)
        {
            var origin = random.Next(2) == 0 ? 0L : AddressRange.AddressSpaceEnd - 20;
            var a = Range();
            var b = Range();
            var shared = Addresses(a).Intersect(Addresses(b)).ToArray();
            Assert.Equal(shared.Length > 0, a.Overlaps(b));
            Assert.Equal(shared.Length == b.Length, a.Contains(b));
            Assert.Equal(shared.Length == 0 ? null : AddressRange.FromBounds(shared[0], shared[^1] + 1), a.Intersect(b));
            Assert.Equal(Math.Sign(a.CompareTo(b)), -Math.Sign(b.CompareTo(a)));
            Assert.Equal(a < b, b > a);
            Assert.Equal(a <= b, !(a > b));

            AddressRange Range()
            {
                var start = random.Next(19);
                return new AddressRange((uint)(origin + start), random.Next(1, 21 - start));
            }
        }

        static IEnumerable<long> Addresses(AddressRange range) => Enumerable.Range(0, (int)range.Length).Select(x => range.Start + (long)x);
    }

    [Fact]
    public void Joining_merges_what_touches_or_overlaps_and_nothing_else()
    {
        AddressRange[] ranges = [new(0x30, 0x10), new(0x00, 0x10), new(0x10, 0x08), new(0x14, 0x02), new(0x41, 1), new(0xFFFF_FFFF, 1)];
        Assert.Equal([new(0x00, 0x18), new(0x30, 0x10), new(0x41, 1), new(0xFFFF_FFFF, 1)], AddressRange.Join(ranges));
        Assert.Empty(AddressRange.Join([]));
    }
}
