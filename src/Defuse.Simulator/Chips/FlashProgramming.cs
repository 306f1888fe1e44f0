namespace Defuse.Simulator.Chips;

/// <summary>What programming does to flash cells that are not erased.</summary>
internal enum FlashProgramming
{
    /// <summary>Bits are pulled to 0; none goes back to 1, and nobody is told (F2, F4, F7; RM0090, "Standard programming").</summary>
    ClearsBits,

    /// <summary>The same upside down, where erased is 0: bits are set to 1 (L0, L1).</summary>
    SetsBits,

    /// <summary>A unit that is not erased takes only zeros; all else is a failure (F0, F1, F3; RM0091, "PGERR").</summary>
    ErasedUnits,

    /// <summary>
    /// A unit carries an error correction code, and is programmed once after an erase, even with 0xFF; afterwards it takes
    /// only zeros (L4, G0, G4, U5, H5, H7; RM0433, "Error code correction").
    /// </summary>
    UnitsOnce,
}
