using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>How the program in an image starts.</summary>
/// <remarks>Immutable.</remarks>
public sealed record ProgramStart
{
    /// <summary>The vector table; null if there is none that looks right, or none at all.</summary>
    public VectorTable? Table { get; init; }

    /// <summary>What looks wrong where the image starts, in plain words; empty if the table is there and right.</summary>
    public ImmutableArray<string> Findings { get; init; } = [];

    /// <summary>Where the file says that execution starts, bit 0 as in the file; null if it does not say.</summary>
    public uint? EntryPoint { get; init; }

    /// <summary>Whether the file's entry point and the table's reset vector name one place; null if either is missing.</summary>
    public bool? EntryPointAgrees { get; init; }

    /// <summary>Flash below the program, which somebody else has to fill; null if it starts where the chip does.</summary>
    public AddressRange? Below { get; init; }

    /// <summary>For bytes without addresses: where they may belong, the likeliest first.</summary>
    public ImmutableArray<BaseAddress> Candidates { get; init; } = [];

    /// <summary>For bytes without addresses: where they were looked at, because they clearly belong there; null otherwise.</summary>
    public uint? PlacedAt { get; init; }
}
