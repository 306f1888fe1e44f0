using System.Collections.Immutable;

namespace Defuse.Images;

/// <summary>What is to be in memory: sorted, disjoint segments, with no two of them touching.</summary>
/// <remarks>Immutable; two images are equal when they hold the same bytes at the same addresses.</remarks>
public sealed class FirmwareImage : IEquatable<FirmwareImage>
{
    // Invariant: sorted by address; between one segment's end and the next one's start lies at least one byte.
    private readonly ImmutableArray<ImageSegment> _segments;

    internal FirmwareImage(ImmutableArray<ImageSegment> segments)
    {
        _segments = segments;
        foreach (var segment in segments)
        {
            ByteCount += segment.Range.Length;
        }
    }

    /// <summary>An image with nothing in it.</summary>
    public static FirmwareImage Empty { get; } = new([]);

    /// <summary>The segments, by ascending address.</summary>
    public ImmutableArray<ImageSegment> Segments => _segments;

    /// <summary>How many bytes the segments hold together; gaps do not count.</summary>
    public long ByteCount { get; }

    /// <summary>Whether it holds nothing.</summary>
    public bool IsEmpty => _segments.IsEmpty;

    /// <summary>From the first byte to the last, gaps included; null when empty.</summary>
    public AddressRange? Extent =>
        IsEmpty ? null : AddressRange.FromBounds(_segments[0].Range.Start, _segments[^1].Range.End);

    /// <summary>An image of consecutive bytes.</summary>
    /// <param name="start">The address of the first byte.</param>
    /// <param name="data">The bytes, copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bytes would leave the address space.</exception>
    public static FirmwareImage FromBytes(uint start, ReadOnlySpan<byte> data) =>
        data.IsEmpty ? Empty : new([new ImageSegment(start, data.ToArray())]);

    /// <summary>Whether every byte of the range is in the image.</summary>
    public bool Covers(AddressRange range)
    {
        var index = IndexAt(range.Start);
        return index >= 0 && _segments[index].Range.Contains(range);
    }

    /// <summary>Copies bytes out, if all of them are in the image.</summary>
    /// <param name="address">The address of the first.</param>
    /// <param name="destination">Filled whole, or left alone.</param>
    /// <returns>False, if any of the bytes is not in the image.</returns>
    public bool TryRead(uint address, Span<byte> destination)
    {
        if (destination.IsEmpty)
        {
            return true;
        }

        if (destination.Length > AddressRange.AddressSpaceEnd - address
            || !Covers(new AddressRange(address, destination.Length)))
        {
            return false;
        }

        var segment = _segments[IndexAt(address)];
        segment.Data.Span.Slice((int)(address - segment.Range.Start), destination.Length).CopyTo(destination);
        return true;
    }

    /// <summary>The part of the image that lies in a range; no bytes are copied.</summary>
    public FirmwareImage Slice(AddressRange range)
    {
        var parts = ImmutableArray.CreateBuilder<ImageSegment>();
        var index = IndexAt(range.Start);
        for (var i = index >= 0 ? index : ~index; i < _segments.Length && _segments[i].Range.Start < range.End; i++)
        {
            if (_segments[i].Range.Intersect(range) is { } shared)
            {
                var offset = (int)(shared.Start - _segments[i].Range.Start);
                parts.Add(new ImageSegment(shared.Start, _segments[i].Data.Slice(offset, (int)shared.Length)));
            }
        }

        return parts.Count == 0 ? Empty : new(parts.ToImmutable());
    }

    /// <summary>The image, with a byte at every address of a range where it has none.</summary>
    /// <param name="range">Where there is to be no gap; up to 2 GiB, with what touches it.</param>
    /// <param name="value">The byte.</param>
    /// <exception cref="ArgumentOutOfRangeException">Together it would be more than an array holds, 2 GiB.</exception>
    public FirmwareImage Fill(AddressRange range, byte value)
    {
        // What lies in the range or touches it becomes one segment with it.
        var first = 0;
        while (first < _segments.Length && _segments[first].Range.End < range.Start)
        {
            first++;
        }

        var next = first;
        while (next < _segments.Length && _segments[next].Range.Start <= range.End)
        {
            next++;
        }

        var joined = _segments.AsSpan()[first..next];
        var start = joined.IsEmpty ? range.Start : Math.Min(range.Start, joined[0].Range.Start);
        var length = (joined.IsEmpty ? range.End : Math.Max(range.End, joined[^1].Range.End)) - start;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Array.MaxLength, nameof(range));
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        bytes.AsSpan().Fill(value);
        foreach (var segment in joined)
        {
            segment.Data.Span.CopyTo(bytes.AsSpan((int)(segment.Range.Start - start)));
        }

        return new([.. _segments[..first], new ImageSegment(start, bytes), .. _segments[next..]]);
    }

    /// <inheritdoc/>
    public bool Equals(FirmwareImage? other)
    {
        if (other is null || other._segments.Length != _segments.Length)
        {
            return false;
        }

        for (var i = 0; i < _segments.Length; i++)
        {
            if (_segments[i].Range != other._segments[i].Range
                || !_segments[i].Data.Span.SequenceEqual(other._segments[i].Data.Span))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FirmwareImage);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var segment in _segments)
        {
            hash.Add(segment.Range);
            hash.AddBytes(segment.Data.Span[..Math.Min(16, segment.Data.Length)]);
        }

        return hash.ToHashCode();
    }

    // The segment that holds the address, or the complement of the index of the first one after it.
    private int IndexAt(uint address)
    {
        int low = 0, high = _segments.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var range = _segments[middle].Range;
            if (range.Contains(address))
            {
                return middle;
            }

            if (range.Start > address)
            {
                high = middle - 1;
            }
            else
            {
                low = middle + 1;
            }
        }

        return ~low;
    }
}
