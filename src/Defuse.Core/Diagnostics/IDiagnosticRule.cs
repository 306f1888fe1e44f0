namespace Defuse.Diagnostics;

/// <summary>One thing that may be the case, and what to do then.</summary>
internal interface IDiagnosticRule
{
    /// <summary>Its name: <see cref="Finding.Rule"/>.</summary>
    string Name { get; }

    /// <summary>What it finds about a board; null if it has nothing to say.</summary>
    /// <param name="board">The board.</param>
    /// <param name="context">All that was seen.</param>
    Finding? Examine(SeenBoard board, DiagnosisContext context);
}
