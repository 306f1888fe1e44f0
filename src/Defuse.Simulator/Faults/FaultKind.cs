namespace Defuse.Simulator.Faults;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>A request is answered with STALL and does not reach the bootloader; its state stays as it was.</summary>
    Stall,

    /// <summary>A request is lost: no answer comes within a host's patience (5.5 s, GETSTATUS 60 s, unless a time is given).</summary>
    Timeout,

    /// <summary>The plug is pulled; the board comes back when somebody attaches it anew.</summary>
    Unplug,

    /// <summary>The chip resets, and comes back on the bus by itself.</summary>
    Reset,

    /// <summary>A bit of the flash memory flips.</summary>
    BitRot,

    /// <summary>The bootloader refuses: dfuERROR, with the status that USB DFU 1.1 has for it, and nothing is done.</summary>
    Refuse,

    /// <summary>The bootloader stays dfuDNBUSY, for ever unless a time is given; what it was asked for is done.</summary>
    Busy,

    /// <summary>A request is done, and answered late (2 s, unless a time is given).</summary>
    Late,

    /// <summary>The chip resets, and comes back with another serial number.</summary>
    OtherSerial,
}
