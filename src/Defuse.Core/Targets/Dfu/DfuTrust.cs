namespace Defuse.Targets.Dfu;

/// <summary>Whether block numbers that count up land where they should.</summary>
internal enum DfuTrust
{
    /// <summary>Nobody has seen it of such a device, and it was not tried on this one.</summary>
    Untried,

    /// <summary>They do.</summary>
    Proven,

    /// <summary>They don't, or it cannot be told.</summary>
    Refused,
}
