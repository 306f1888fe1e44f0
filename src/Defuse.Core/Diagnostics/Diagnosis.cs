using System.Collections.Immutable;

namespace Defuse.Diagnostics;

/// <summary>What is wrong, board by board, and with the computer itself.</summary>
public sealed record Diagnosis
{
    /// <summary>The boards, those that can be flashed now first.</summary>
    public required ImmutableArray<BoardDiagnosis> Boards { get; init; }

    /// <summary>What concerns the computer, or no board in particular.</summary>
    public ImmutableArray<Finding> General { get; init; } = [];

    /// <summary>The one thing to do next of all; null if there is nothing.</summary>
    public Remedy? Next { get; init; }
}
