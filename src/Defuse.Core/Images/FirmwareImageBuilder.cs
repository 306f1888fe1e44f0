using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Defuse.Images;

/// <summary>Collects bytes in any order, refuses those that contradict each other, and freezes the rest.</summary>
/// <remarks>
/// Memory grows with the bytes that were added, whatever their addresses; time with their number times its logarithm.
/// Not thread-safe.
/// </remarks>
public sealed class FirmwareImageBuilder
{
    // Invariant: bytes below _used never change again, so that images may share them.
    private readonly List<Chunk> _chunks = [];
    private byte[] _buffer;
    private int _used;

    // The chunk at the buffer's end, which may still grow; it goes to the others once something else starts.
    private Chunk _last;
    private long _lastEnd = -1;

    /// <param name="capacity">How many bytes will be added, if that is known.</param>
    public FirmwareImageBuilder(int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _buffer = capacity == 0 ? [] : GC.AllocateUninitializedArray<byte>(capacity);
    }

    /// <summary>How many bytes were added so far; what was added twice counts twice.</summary>
    public long ByteCount => _used;

    /// <summary>Adds bytes. They may overlap earlier ones if they agree with them.</summary>
    /// <param name="address">The address of the first byte.</param>
    /// <param name="data">The bytes, copied; none may lie past 0xFFFFFFFF.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bytes would leave the address space.</exception>
    /// <exception cref="InvalidOperationException">Together the bytes would be more than an array holds, 2 GiB.</exception>
    public void Add(uint address, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, AddressRange.AddressSpaceEnd - address, nameof(data));
        data.CopyTo(Reserve(data.Length));
        Take(address, data.Length);
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

    /// <summary>The image of all that was added; more may be added afterwards, for another image.</summary>
    /// <exception cref="ImageConflictException">Two additions want different bytes at the same address.</exception>
    public FirmwareImage Build()
    {
        CloseLast();
        var chunks = CollectionsMarshal.AsSpan(_chunks);
        if (!IsSorted(chunks))
        {
            chunks.Sort(Compare);
        }

        var runs = 0;
        for (var rest = chunks; !rest.IsEmpty; rest = rest[RunLength(rest, out _)..])
        {
            runs++;
        }

        if (runs == 0)
        {
            return FirmwareImage.Empty;
        }

        var segments = ImmutableArray.CreateBuilder<ImageSegment>(runs);
        for (var rest = chunks; !rest.IsEmpty;)
        {
            var length = RunLength(rest, out var end);
            segments.Add(length == 1
                ? new ImageSegment(rest[0].Address, _buffer.AsMemory(rest[0].Offset, rest[0].Length))
                : Merge(rest[..length], end));
            rest = rest[length..];
        }

        return new FirmwareImage(segments.MoveToImmutable());
    }

    /// <summary>Room for bytes that are decoded in place, at least so many; <see cref="Take"/> adds what is in it.</summary>
    internal Span<byte> Reserve(int length)
    {
        if (length > _buffer.Length - _used)
        {
            Grow(length);
        }

        return _buffer.AsSpan(_used);
    }

    /// <summary>Adds the first bytes of what <see cref="Reserve"/> gave; at least one, none of them past 0xFFFFFFFF.</summary>
    internal void Take(uint address, int length)
    {
        if (address != _lastEnd)
        {
            CloseLast();
            _last = new Chunk(address, _used, 0);
            _lastEnd = address;
        }

        _lastEnd += length;
        _used += length;
    }

    private void CloseLast()
    {
        if (_lastEnd >= 0)
        {
            _chunks.Add(_last with { Length = _used - _last.Offset });
            _lastEnd = -1;
        }
    }

    private static bool IsSorted(ReadOnlySpan<Chunk> chunks)
    {
        for (var i = 1; i < chunks.Length; i++)
        {
            if (Compare(chunks[i], chunks[i - 1]) < 0)
            {
                return false;
            }
        }

        return true;
    }

    // How many chunks from the first on touch or overlap, one with the next, and where the last of them ends.
    private static int RunLength(ReadOnlySpan<Chunk> chunks, out long end)
    {
        end = chunks[0].End;
        var length = 1;
        while (length < chunks.Length && chunks[length].Address <= end)
        {
            end = Math.Max(end, chunks[length].End);
            length++;
        }

        return length;
    }

    private ImageSegment Merge(ReadOnlySpan<Chunk> chunks, long end)
    {
        var start = chunks[0].Address;
        var merged = GC.AllocateUninitializedArray<byte>((int)(end - start));
        long filled = start;
        foreach (var chunk in chunks)
        {
            var bytes = _buffer.AsSpan(chunk.Offset, chunk.Length);
            var shared = (int)Math.Min(filled - chunk.Address, chunk.Length);
            var target = merged.AsSpan((int)(chunk.Address - start), chunk.Length);
            var agreed = target[..shared].CommonPrefixLength(bytes);
            if (agreed < shared)
            {
                throw Conflict(chunks, chunk, chunk.Address + (uint)agreed);
            }

            bytes[shared..].CopyTo(target[shared..]);
            filled = Math.Max(filled, chunk.End);
        }

        return new ImageSegment(start, merged);
    }

    private ImageConflictException Conflict(ReadOnlySpan<Chunk> chunks, Chunk second, uint address)
    {
        var first = chunks[0];
        foreach (var chunk in chunks)
        {
            if (chunk.Range.Contains(address))
            {
                first = chunk;
                break;
            }
        }

        // Sorted by address is not as it was added, and the message tells of the order that its reader knows.
        if (first.Offset > second.Offset)
        {
            (first, second) = (second, first);
        }

        return new ImageConflictException(first.Range, second.Range, address, ByteAt(first), ByteAt(second));

        byte ByteAt(Chunk chunk) => _buffer[chunk.Offset + (int)(address - chunk.Address)];
    }

    private void Grow(int more)
    {
        if (more > Array.MaxLength - _used)
        {
            throw new InvalidOperationException("An image cannot hold more than 2 GiB.");
        }

        Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(256, Math.Max(_buffer.Length * 2L, _used + more))));
    }

    // By address, then as they were added.
    private static int Compare(Chunk left, Chunk right) =>
        left.Address != right.Address ? left.Address.CompareTo(right.Address) : left.Offset.CompareTo(right.Offset);

    private readonly record struct Chunk(uint Address, int Offset, int Length)
    {
        public long End => (long)Address + Length;

        public AddressRange Range => new(Address, Length);
    }
}
