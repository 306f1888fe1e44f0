using System.Collections.Immutable;

namespace Defuse.Diagnostics;

/// <summary>What a rule found.</summary>
public sealed record Finding
{
    /// <summary>The rule's name, for scripts: lower case with hyphens ("only-probe-connected").</summary>
    public required string Rule { get; init; }

    /// <summary>How much it matters.</summary>
    public required FindingLevel Level { get; init; }

    /// <summary>The same in a few words, as they stand behind the board's name ("in DFU mode, with no driver"); null if it is no matter of how the board is.</summary>
    public string? Title { get; init; }

    /// <summary>What is the case, in one or two plain sentences.</summary>
    public required string Text { get; init; }

    /// <summary>What it rests on, each in a few words.</summary>
    public ImmutableArray<string> Evidence { get; init; } = [];

    /// <summary>What can be done, the easiest first. A candidate has how to tell it from the others as its first.</summary>
    public ImmutableArray<Remedy> Remedies { get; init; } = [];

    /// <summary>Whether <see cref="Remedies"/> flash the board, and mend nothing.</summary>
    internal bool IsWayForward { get; init; }

    /// <summary>The lines of a drawing that shows what to change; empty if there is none.</summary>
    public ImmutableArray<string> Drawing { get; init; } = [];
}
