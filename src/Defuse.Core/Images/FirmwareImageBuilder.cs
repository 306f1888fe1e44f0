using System.Collections.Immutable;

namespace Defuse.Images;

/// <summary>Collects bytes in any order, refuses those that contradict each other, and freezes the rest.</summary>
/// <remarks>
/// Memory grows with the bytes that were added, whatever their addresses; time with their number times its logarithm.
/// Not thread-safe.
/// </remarks>
public sealed class FirmwareImageBuilder
{
    private readonly List<Chunk> _chunks = [];
    private byte[] _buffer = [];
    private int _used;

    /// <summary>How many bytes were added so far.</summary>
    public long ByteCount => _used;

    /// <summary>Adds bytes. They may overlap earlier ones if they agree with them.</summary>
    /// <param name="address">The address of the first byte.</param>
    /// <param name="data">The bytes, copied; none may lie past 0xFFFFFFFF.</param>
    /// <param name="origin">Where they stand in their file ("line 12"), for the message about a contradiction.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bytes would leave the address space.</exception>
    public void Add(uint address, ReadOnlySpan<byte> data, string? origin = null)
    {
        if (data.IsEmpty)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, AddressRange.AddressSpaceEnd - address, nameof(data));
        if (_used + data.Length > _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(256, Math.Max(_buffer.Length * 2L, _used + (long)data.Length))));
        }

        data.CopyTo(_buffer.AsSpan(_used));
        if (_chunks.Count > 0 && _chunks[^1].End == address)
        {
            _chunks[^1] = _chunks[^1] with { Length = _chunks[^1].Length + data.Length };
        }
        else
        {
            _chunks.Add(new Chunk(address, _used, data.Length, origin));
        }

        _used += data.Length;
    }

    /// <summary>Adds everything that another image holds.</summary>
    public void Add(FirmwareImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        foreach (var segment in image.Segments)
        {
            Add(segment.Range.Start, segment.Data.Span);
        }
    }

    /// <summary>The image of all that was added.</summary>
    /// <exception cref="ImageConflictException">Two additions want different bytes at the same address.</exception>
    public FirmwareImage Build()
    {
        // A stable order lets the message name first what the file holds first.
        var order = _chunks.Select((chunk, index) => (chunk, index)).OrderBy(x => x.chunk.Address).ThenBy(x => x.index).Select(x => x.chunk).ToArray();
        var segments = ImmutableArray.CreateBuilder<ImageSegment>();
        for (var i = 0; i < order.Length;)
        {
            var end = order[i].End;
            var next = i + 1;
            while (next < order.Length && order[next].Address <= end)
            {
                end = Math.Max(end, order[next].End);
                next++;
            }

            segments.Add(Merge(order.AsSpan(i, next - i), end));
            i = next;
        }

        return segments.Count == 0 ? FirmwareImage.Empty : new FirmwareImage(segments.ToImmutable());
    }

    private ImageSegment Merge(ReadOnlySpan<Chunk> chunks, long end)
    {
        var start = chunks[0].Address;
        var merged = new byte[end - start];
        long filled = start;
        foreach (var chunk in chunks)
        {
            var bytes = _buffer.AsSpan(chunk.Offset, chunk.Length);
            var shared = (int)Math.Min(Math.Max(filled - chunk.Address, 0), chunk.Length);
            var earlier = merged.AsSpan((int)(chunk.Address - start), shared);
            if (!earlier.SequenceEqual(bytes[..shared]))
            {
                throw Conflict(chunks, chunk, (uint)(chunk.Address + (uint)earlier.CommonPrefixLength(bytes)), earlier, bytes);
            }

            bytes[shared..].CopyTo(merged.AsSpan((int)(chunk.Address - start) + shared));
            filled = Math.Max(filled, chunk.End);
        }

        return new ImageSegment(start, merged);
    }

    private static ImageConflictException Conflict(
        ReadOnlySpan<Chunk> chunks, Chunk second, uint address, ReadOnlySpan<byte> earlier, ReadOnlySpan<byte> bytes)
    {
        var first = chunks[0];
        foreach (var chunk in chunks)
        {
            if (chunk == second)
            {
                break;
            }

            if (chunk.Address <= address && address < chunk.End)
            {
                first = chunk;
                break;
            }
        }

        var at = (int)(address - second.Address);
        return new ImageConflictException(first.Range, second.Range, address, earlier[at], bytes[at], second.Origin);
    }

    private readonly record struct Chunk(uint Address, int Offset, int Length, string? Origin)
    {
        public long End => (long)Address + Length;

        public AddressRange Range => new(Address, Length);
    }
}
