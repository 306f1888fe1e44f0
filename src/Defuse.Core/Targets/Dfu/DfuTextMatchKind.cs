namespace Defuse.Targets.Dfu;

/// <summary>How a text is compared.</summary>
internal enum DfuTextMatchKind
{
    /// <summary>All of it is the same.</summary>
    Exact,

    /// <summary>It begins so.</summary>
    Prefix,

    /// <summary>It is as long, and the same but where the pattern has a question mark.</summary>
    Pattern,
}
