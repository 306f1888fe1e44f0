namespace Defuse.Diagnostics;

/// <summary>One thing that may be the case with the computer, or with no board in particular.</summary>
internal interface IHostRule
{
    /// <summary>Its name: <see cref="Finding.Rule"/>.</summary>
    string Name { get; }

    /// <summary>What it finds; null if it has nothing to say.</summary>
    /// <param name="context">All that was seen.</param>
    Finding? Examine(DiagnosisContext context);
}
