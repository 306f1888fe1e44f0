using Defuse.Images;

namespace Defuse.Targets;

/// <summary>Bytes that were read.</summary>
/// <param name="Address">Where the first came from.</param>
/// <param name="Data">The bytes; valid until the next block is asked for.</param>
public readonly record struct MemoryBlock(uint Address, ReadOnlyMemory<byte> Data)
{
    /// <summary>Where the bytes came from.</summary>
    public AddressRange Range => new(Address, Data.Length);

    /// <summary>The bytes of a range that lies inside.</summary>
    internal ReadOnlySpan<byte> Part(AddressRange range) => Data.Span.Slice((int)(range.Start - Address), (int)range.Length);
}
