namespace Defuse.Transports;

/// <summary>How a device answered a control transfer.</summary>
public enum UsbControlStatus
{
    /// <summary>It was taken.</summary>
    Ack,

    /// <summary>It was refused with a STALL handshake.</summary>
    Stall,

    /// <summary>The device left the bus before it answered.</summary>
    Disconnected,
}
