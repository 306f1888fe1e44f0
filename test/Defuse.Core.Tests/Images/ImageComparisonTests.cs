using System.Diagnostics;
using Defuse.Images;

namespace Defuse.Core.Tests.Images;

public class ImageComparisonTests
{
    [Fact]
    public void It_finds_what_a_comparison_of_single_bytes_finds()
    {
        var random = new Random(31);
        for (var round = 0; round < 400; round++)
        {
            var first = RandomImages.Sparse(random, 60);
            var second = Relative(random, first);
            var distance = random.Next(20);
            var comparison = ImageComparison.Compare(first, second, distance);
            var (left, right) = (Bytes(first), Bytes(second));
            var told = new HashSet<uint>();
            foreach (var difference in comparison.Differences)
            {
                var addresses = Addresses(difference.Range).ToList();
                var differing = addresses.Where(x => !Same(left, right, x)).ToList();
                Assert.Equal(difference.ByteCount, differing.Count);
                Assert.Equal((difference.Range.Start, difference.Range.Last), (differing[0], differing[^1]));
                Assert.All(addresses, x => Assert.Equal(difference.Kind, KindAt(left, right, x)));
                Assert.All(differing.Zip(differing.Skip(1)), x => Assert.True(x.Second - x.First - 1 <= distance));
                told.UnionWith(differing);
            }

            Assert.Equal(left.Keys.Concat(right.Keys).Where(x => !Same(left, right, x)).ToHashSet(), told);
        }
    }

    [Fact]
    public void Differences_are_ordered_and_near_ones_are_one()
    {
        var random = new Random(32);
        for (var round = 0; round < 400; round++)
        {
            var first = RandomImages.Sparse(random, 60);
            var second = Relative(random, first);
            var distance = random.Next(20);
            var differences = ImageComparison.Compare(first, second, distance).Differences;
            var between = differences.Zip(differences.Skip(1)).ToList();
            Assert.All(between, x => Assert.True(x.First.Range.End <= x.Second.Range.Start));

            // Two of the same kind are apart by more than the distance, or by an address where not both images have a byte.
            Assert.All(between.Where(x => x is { First.Kind: ImageDifferenceKind.Differs, Second.Kind: ImageDifferenceKind.Differs }), x =>
            {
                var apart = x.Second.Range.Start - x.First.Range.End;
                var gap = apart == 0 ? x.First.Range : AddressRange.FromBounds(x.First.Range.End, x.Second.Range.Start);
                Assert.True(apart > distance || !first.Covers(gap) || !second.Covers(gap));
            });
        }
    }

    [Fact]
    public void It_agrees_with_equality_and_with_itself_the_other_way_round()
    {
        var random = new Random(33);
        for (var round = 0; round < 400; round++)
        {
            var first = RandomImages.Sparse(random, 60);
            var second = random.Next(4) == 0 ? Copy(first) : Relative(random, first);
            var comparison = ImageComparison.Compare(first, second);
            var back = ImageComparison.Compare(second, first);
            Assert.Equal(first.Equals(second), comparison.AreEqual);
            Assert.Equal(comparison.Differences.Select(x => x with { Kind = Swapped(x.Kind) }), back.Differences);
            Assert.All(Enum.GetValues<ImageDifferenceKind>(), x => Assert.Equal(comparison.CountBytes(x), back.CountBytes(Swapped(x))));
            Assert.Equal(
                first.ByteCount - comparison.CountBytes(ImageDifferenceKind.OnlyInFirst),
                second.ByteCount - comparison.CountBytes(ImageDifferenceKind.OnlyInSecond));
        }
    }

    [Fact]
    public void The_distance_joins_ranges_and_changes_no_count()
    {
        var first = FirmwareImage.FromBytes(0x100, [1, 2, 3, 4, 5, 6, 7, 8]);
        var second = FirmwareImage.FromBytes(0x100, [9, 2, 3, 9, 9, 6, 7, 9]);
        Assert.Equal(
            [Differs(0x100, 1, 1), Differs(0x103, 2, 2), Differs(0x107, 1, 1)], ImageComparison.Compare(first, second, 1).Differences);
        Assert.Equal([Differs(0x100, 8, 4)], ImageComparison.Compare(first, second, 2).Differences);

        static ImageDifference Differs(uint start, int length, int count) =>
            new(new AddressRange(start, length), ImageDifferenceKind.Differs, count);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 0xFF, 0xFF }, (byte)0xFF, true)]
    [InlineData(new byte[] { 1, 2, 0, 0 }, (byte)0, true)]
    [InlineData(new byte[] { 1, 2, 0, 0xFF }, null, false)]
    [InlineData(new byte[] { 1, 2, 7, 7 }, null, false)]
    [InlineData(new byte[] { 1, 3, 0xFF, 0xFF }, (byte)0xFF, false)]
    public void More_bytes_that_are_those_of_erased_flash_are_padding(byte[] longer, byte? padding, bool isPaddingOnly)
    {
        var comparison = ImageComparison.Compare(FirmwareImage.FromBytes(0, [1, 2]), FirmwareImage.FromBytes(0, longer));
        Assert.Equal(padding, comparison.Differences[^1].Padding);
        Assert.Equal(isPaddingOnly, comparison.DifferInPaddingOnly);
    }

    [Fact]
    public void Equal_images_do_not_differ_in_padding() =>
        Assert.False(ImageComparison.Compare(FirmwareImage.Empty, FirmwareImage.Empty).DifferInPaddingOnly);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(40, 1)]
    public void Sixteen_megabytes_take_no_longer_than_their_number(int every, int distance)
    {
        var bytes = RandomImages.Bytes(new Random(34), 16 << 20);
        var other = bytes.ToArray();
        for (var i = 0; every > 0 && i < other.Length; i += every)
        {
            other[i] ^= 1;
        }

        var (first, second) = (FirmwareImage.FromBytes(0, bytes), FirmwareImage.FromBytes(0, other));
        var begun = Stopwatch.GetTimestamp();
        var comparison = ImageComparison.Compare(first, second, distance);

        // A fifth of a second where nothing else runs.
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Equal(every == 0 ? 0 : (bytes.Length + every - 1) / every, comparison.CountBytes(ImageDifferenceKind.Differs));
        Assert.Equal(every switch { 0 => 0, <= 2 => 1, _ => (bytes.Length + every - 1) / every }, comparison.Differences.Length);
    }

    // The same image with some bytes changed, cut off, and added.
    private static FirmwareImage Relative(Random random, FirmwareImage image)
    {
        var bytes = Bytes(image);
        foreach (var address in bytes.Keys.ToList())
        {
            var dice = random.Next(30);
            if (dice < 3)
            {
                bytes[address] ^= (byte)random.Next(256);
            }
            else if (dice == 3)
            {
                bytes.Remove(address);
            }
            else if (dice == 4 && address > 0)
            {
                bytes.TryAdd(address - 1, (byte)random.Next(256));
            }
        }

        var builder = new FirmwareImageBuilder();
        foreach (var (address, value) in bytes)
        {
            builder.Add(address, [value]);
        }

        return builder.Build();
    }

    private static FirmwareImage Copy(FirmwareImage image)
    {
        var builder = new FirmwareImageBuilder();
        builder.Add(image);
        return builder.Build();
    }

    private static Dictionary<uint, byte> Bytes(FirmwareImage image) => image.Segments
        .SelectMany(x => x.Data.ToArray().Select((value, i) => KeyValuePair.Create(x.Range.Start + (uint)i, value)))
        .ToDictionary();

    private static IEnumerable<uint> Addresses(AddressRange range)
    {
        for (long address = range.Start; address < range.End; address++)
        {
            yield return (uint)address;
        }
    }

    private static bool Same(Dictionary<uint, byte> left, Dictionary<uint, byte> right, uint address) =>
        left.TryGetValue(address, out var a) && right.TryGetValue(address, out var b) && a == b;

    private static ImageDifferenceKind KindAt(Dictionary<uint, byte> left, Dictionary<uint, byte> right, uint address) =>
        !right.ContainsKey(address) ? ImageDifferenceKind.OnlyInFirst
        : !left.ContainsKey(address) ? ImageDifferenceKind.OnlyInSecond
        : ImageDifferenceKind.Differs;

    private static ImageDifferenceKind Swapped(ImageDifferenceKind kind) => kind switch
    {
        ImageDifferenceKind.OnlyInFirst => ImageDifferenceKind.OnlyInSecond,
        ImageDifferenceKind.OnlyInSecond => ImageDifferenceKind.OnlyInFirst,
        _ => kind,
    };
}
