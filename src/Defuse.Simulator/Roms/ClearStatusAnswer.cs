namespace Defuse.Simulator.Roms;

/// <summary>What CLRSTATUS does in an idle state, where there is nothing to clear.</summary>
internal enum ClearStatusAnswer
{
    /// <summary>It leads to dfuIDLE (older ROMs).</summary>
    Taken,

    /// <summary>It is refused with STALL.</summary>
    Stalls,

    /// <summary>It is taken, and leads to dfuERROR with errUNKNOWN (ST's USB device class).</summary>
    Error,
}
