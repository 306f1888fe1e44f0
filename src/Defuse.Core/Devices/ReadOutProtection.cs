namespace Defuse.Devices;

/// <summary>How far a chip keeps its memory from being read (RDP in ST's reference manuals).</summary>
public enum ReadOutProtection
{
    /// <summary>It is not known.</summary>
    Unknown,

    /// <summary>Level 0: none.</summary>
    None,

    /// <summary>Level 0.5: only the non-secure part of memory is open (chips with TrustZone).</summary>
    Half,

    /// <summary>Level 1: a bootloader neither reads, writes nor erases; it can be removed, which erases everything.</summary>
    Level1,

    /// <summary>Level 2, or a chip locked for good: it can't be removed.</summary>
    Permanent,
}
