namespace Defuse.Programming;

/// <summary>What is known of a range of memory.</summary>
public enum RangeState
{
    /// <summary>Nothing was done to it.</summary>
    Untouched,

    /// <summary>An erase or a block was begun and not seen to end: it may hold anything.</summary>
    Indeterminate,

    /// <summary>The device confirmed that it was erased, and nothing was written since; it was not read back.</summary>
    Blank,

    /// <summary>The device confirmed that it was written; it was not read back.</summary>
    Written,

    /// <summary>It was read back, and holds what it should.</summary>
    Verified,

    /// <summary>It was read back, and holds something else.</summary>
    Different,
}
