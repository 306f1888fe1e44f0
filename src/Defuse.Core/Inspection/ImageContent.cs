using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>What the bytes of an image look like, whatever they mean.</summary>
/// <remarks>Immutable.</remarks>
public sealed record ImageContent
{
    /// <summary>A run of 0xFF or 0x00 is told from this length on, in bytes.</summary>
    public const int ShortestBlank = 1024;

    /// <summary>How many bytes the image holds.</summary>
    public required long ByteCount { get; init; }

    /// <summary>From the first byte that is not erased (0xFF) to the last, gaps included; null if all are.</summary>
    public required AddressRange? Used { get; init; }

    /// <summary>How many bytes are left without the erased ones at the start and the end.</summary>
    public required long UsedBytes { get; init; }

    /// <summary>Where it holds nothing, between its segments.</summary>
    public required ImmutableArray<AddressRange> Gaps { get; init; }

    /// <summary>Long runs of 0xFF or 0x00; those at the start and the end included.</summary>
    public required ImmutableArray<BlankRun> Blanks { get; init; }

    /// <summary>Shannon's entropy over all bytes, in bits a byte, 0 to 8. Thumb code has about 6.5.</summary>
    public required double Entropy { get; init; }

    /// <summary>Where 16 KB and more look compressed or encrypted.</summary>
    public required ImmutableArray<AddressRange> Packed { get; init; }

    /// <summary>File systems that start inside.</summary>
    public required ImmutableArray<FileSystemTrace> FileSystems { get; init; }

    /// <summary>Whether the second half of its only segment repeats the first.</summary>
    public required bool IsDoubled { get; init; }
}
