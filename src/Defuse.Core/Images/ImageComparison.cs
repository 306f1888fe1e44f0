using System.Collections.Immutable;

namespace Defuse.Images;

/// <summary>Where two images differ.</summary>
/// <remarks>Immutable. Making one takes time in proportion to the bytes, and memory in proportion to the differences.</remarks>
public sealed class ImageComparison
{
    /// <summary>How many equal bytes between two differences still make them one, unless it is said otherwise.</summary>
    public const int UsualDistance = 16;

    private ImageComparison(ImmutableArray<ImageDifference> differences) => Differences = differences;

    /// <summary>The differences, by ascending address; none overlaps another.</summary>
    public ImmutableArray<ImageDifference> Differences { get; }

    /// <summary>Whether both images hold the same bytes at the same addresses.</summary>
    public bool AreEqual => Differences.IsEmpty;

    /// <summary>Whether they differ, but in nothing that flash which is erased first would show.</summary>
    public bool DifferInPaddingOnly => !AreEqual && Differences.All(x => x.Padding is not null);

    /// <summary>How many bytes differ in one way.</summary>
    public long CountBytes(ImageDifferenceKind kind) => Differences.Where(x => x.Kind == kind).Sum(x => x.ByteCount);

    /// <summary>Compares two images, byte for byte.</summary>
    /// <param name="first">One of them.</param>
    /// <param name="second">The other.</param>
    /// <param name="distance">How many equal bytes between two ranges that differ still make them one range, 0 or more.</param>
    public static ImageComparison Compare(FirmwareImage first, FirmwareImage second, int distance = UsualDistance)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentOutOfRangeException.ThrowIfNegative(distance);
        var differences = ImmutableArray.CreateBuilder<ImageDifference>();
        var left = new Walk(first.Segments);
        var right = new Walk(second.Segments);
        while (!left.IsAtEnd || !right.IsAtEnd)
        {
            if (left.Address < right.Address)
            {
                differences.Add(Alone(ref left, right.Address, ImageDifferenceKind.OnlyInFirst));
            }
            else if (right.Address < left.Address)
            {
                differences.Add(Alone(ref right, left.Address, ImageDifferenceKind.OnlyInSecond));
            }
            else
            {
                var address = left.Address;
                var length = (int)Math.Min(left.Left, right.Left);
                CompareBytes(address, left.Take(length), right.Take(length), distance, differences);
            }
        }

        return new ImageComparison(differences.DrainToImmutable());
    }

    private static ImageDifference Alone(ref Walk walk, long until, ImageDifferenceKind kind)
    {
        var start = walk.Address;
        var bytes = walk.Take((int)Math.Min(walk.Left, until - start));
        var isPadding = bytes[0] is 0xFF or 0x00 && bytes.IndexOfAnyExcept(bytes[0]) < 0;
        return new ImageDifference(new AddressRange((uint)start, bytes.Length), kind, bytes.Length, isPadding ? bytes[0] : null);
    }

    private static void CompareBytes(
        long address, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int distance, ImmutableArray<ImageDifference>.Builder differences)
    {
        var position = first.CommonPrefixLength(second);
        while (position < first.Length)
        {
            var start = position;
            var count = 0L;
            int end;
            do
            {
                do
                {
                    position++;
                    count++;
                }
                while (position < first.Length && first[position] != second[position]);

                end = position;
                position += first[position..].CommonPrefixLength(second[position..]);
            }
            while (position < first.Length && position - end <= distance);

            differences.Add(new ImageDifference(AddressRange.FromBounds(address + start, address + end), ImageDifferenceKind.Differs, count));
        }
    }

    // Goes through an image's bytes; past the last one, its address is beyond every other.
    private ref struct Walk(ImmutableArray<ImageSegment> segments)
    {
        private int _index;
        private int _taken;

        public readonly bool IsAtEnd => _index == segments.Length;

        public readonly long Address => IsAtEnd ? long.MaxValue : segments[_index].Range.Start + (long)_taken;

        public readonly int Left => segments[_index].Data.Length - _taken;

        public ReadOnlySpan<byte> Take(int count)
        {
            var bytes = segments[_index].Data.Span.Slice(_taken, count);
            _taken += count;
            if (Left == 0)
            {
                _index++;
                _taken = 0;
            }

            return bytes;
        }
    }
}
