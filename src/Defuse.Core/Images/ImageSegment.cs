namespace Defuse.Images;

/// <summary>Bytes that belong at consecutive addresses.</summary>
/// <remarks>Immutable as long as nobody writes to the array that <see cref="Data"/> was made from.</remarks>
public sealed class ImageSegment
{
    /// <param name="start">The address of the first byte.</param>
    /// <param name="data">The bytes; at least one, and none past 0xFFFFFFFF.</param>
    /// <exception cref="ArgumentOutOfRangeException">The segment is empty or leaves the address space.</exception>
    public ImageSegment(uint start, ReadOnlyMemory<byte> data)
    {
        Range = new AddressRange(start, data.Length);
        Data = data;
    }

    /// <summary>Where the bytes belong.</summary>
    public AddressRange Range { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <inheritdoc/>
    public override string ToString() => Range.ToString();
}
