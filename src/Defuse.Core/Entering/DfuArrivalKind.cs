namespace Defuse.Entering;

/// <summary>What may become of a board that was asked for DFU mode.</summary>
internal enum DfuArrivalKind
{
    /// <summary>It is there in DFU mode.</summary>
    Arrived,

    /// <summary>It never left.</summary>
    Stayed,

    /// <summary>It left, and came back as something else.</summary>
    CameBackAsOther,

    /// <summary>It left, and is gone.</summary>
    Gone,

    /// <summary>It left, and one board in DFU mode came, not on its port, which nothing shows to be the same.</summary>
    Unproven,

    /// <summary>It left, and several boards in DFU mode came, none of them on its port.</summary>
    Ambiguous,
}
