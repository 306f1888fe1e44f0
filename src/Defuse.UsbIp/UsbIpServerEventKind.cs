namespace Defuse.UsbIp;

/// <summary>What happened at a USB/IP server.</summary>
public enum UsbIpServerEventKind
{
    /// <summary>A client imported a device.</summary>
    Attached,

    /// <summary>A client let go of a device, or its connection ended.</summary>
    Detached,

    /// <summary>A device left the bus, and its client's connection was closed.</summary>
    Unplugged,

    /// <summary>A client asked for a device and did not get it.</summary>
    Refused,

    /// <summary>A client sent what is no USB/IP, and its connection was closed.</summary>
    Malformed,
}
