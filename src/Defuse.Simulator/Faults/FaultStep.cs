namespace Defuse.Simulator.Faults;

/// <summary>Where in the work a fault waits, as it can be told on the device's side of the wire.</summary>
public enum FaultStep
{
    /// <summary>The standard requests that make the device known; counted in requests.</summary>
    Open,

    /// <summary>Setting the address pointer; counted in commands.</summary>
    Address,

    /// <summary>DFU_GETSTATUS; counted in requests.</summary>
    Status,

    /// <summary>Any reading of memory; counted in bytes.</summary>
    Read,

    /// <summary>Reading before the first erase or write since the board was plugged in; counted in bytes.</summary>
    Compare,

    /// <summary>Reading after the first erase or write since the board was plugged in; counted in bytes.</summary>
    Verify,

    /// <summary>Erasing, of a sector or of everything; counted in commands.</summary>
    Erase,

    /// <summary>Writing; counted in bytes.</summary>
    Write,

    /// <summary>Leaving the bootloader, or plain DFU's end of an image; counted in requests.</summary>
    Start,

    /// <summary>Read Unprotect; counted in commands.</summary>
    Unprotect,
}
