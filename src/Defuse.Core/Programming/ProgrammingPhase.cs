namespace Defuse.Programming;

/// <summary>A stage of the work; they come in this order, and those that a plan has no use for are left out.</summary>
public enum ProgrammingPhase
{
    /// <summary>Memory is read and compared, to find out what must change.</summary>
    Compare,

    /// <summary>Sectors are erased.</summary>
    Erase,

    /// <summary>Read-out protection is removed: the chip erases its flash and comes back.</summary>
    Unprotect,

    /// <summary>Blocks are written.</summary>
    Write,

    /// <summary>Memory is read back and compared.</summary>
    Verify,

    /// <summary>The device leaves its bootloader for the program.</summary>
    Start,

    /// <summary>Memory is read out.</summary>
    Read,
}
