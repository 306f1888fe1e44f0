namespace Defuse.Planning;

/// <summary>What happens to a sector.</summary>
public enum SectorDecision
{
    /// <summary>It is read when the plan runs, and rewritten only if it differs.</summary>
    Compare,

    /// <summary>It already holds what the image has for it.</summary>
    Keep,

    /// <summary>It is erased and written.</summary>
    Rewrite,
}
