namespace Defuse.Diagnostics;

/// <summary>How much a finding matters.</summary>
public enum FindingLevel
{
    /// <summary>Good to know.</summary>
    Note,

    /// <summary>It may be the trouble; others may be as well.</summary>
    Candidate,

    /// <summary>It will make some work fail.</summary>
    Warning,

    /// <summary>It is why the board cannot be flashed now.</summary>
    Blocker,
}
