namespace Defuse.Programming;

/// <summary>How it ended.</summary>
public enum FlashOutcome
{
    /// <summary>Every byte was read back and is as it should be.</summary>
    Verified,

    /// <summary>Everything was written; by request, nothing was read back.</summary>
    WrittenUnverified,

    /// <summary>It was refused before anything was changed.</summary>
    Refused,

    /// <summary>It failed before anything was changed.</summary>
    Failed,

    /// <summary>It failed in between; run again, it finishes the job.</summary>
    Incomplete,

    /// <summary>Memory was read back and is not as it should be.</summary>
    Differs,

    /// <summary>It was cancelled; the ranges say what is on the chip.</summary>
    Cancelled,
}
