using System.Collections.Immutable;

namespace Defuse.Diagnostics;

/// <summary>A board, and what rules found about it.</summary>
public sealed record BoardDiagnosis
{
    /// <summary>The board.</summary>
    public required SeenBoard Board { get; init; }

    /// <summary>What was found, what matters most first.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>The one thing to do next; null if there is nothing.</summary>
    public Remedy? Next { get; init; }
}
