using System.Collections.Immutable;

namespace Defuse.Diagnostics;

/// <summary>One thing to do.</summary>
public sealed record Remedy
{
    /// <summary>What to do, in plain words, as an imperative without a full stop.</summary>
    public required string Text { get; init; }

    /// <summary>The command line that does it, ready to paste; null if it takes hands.</summary>
    public string? Command { get; init; }

    /// <summary>How it is done, one thing after the other, each an imperative without a full stop; empty if <see cref="Text"/> says it all.</summary>
    public ImmutableArray<string> Steps { get; init; } = [];

    /// <summary>Whether Defuse does it by itself on <c>defuse doctor --fix</c>.</summary>
    public bool IsFix { get; init; }
}
