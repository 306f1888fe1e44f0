namespace Defuse.Transports;

/// <summary>A device's whole answer to a control transfer.</summary>
/// <param name="Status">Whether it was taken.</param>
/// <param name="Data">What an IN transfer returns, at most wLength bytes; empty otherwise.</param>
public readonly record struct UsbControlResponse(UsbControlStatus Status, ReadOnlyMemory<byte> Data)
{
    /// <summary>Taken, with nothing to return.</summary>
    public static UsbControlResponse Ack => new(UsbControlStatus.Ack, default);

    /// <summary>Refused.</summary>
    public static UsbControlResponse Stall => new(UsbControlStatus.Stall, default);

    /// <summary>No longer there.</summary>
    public static UsbControlResponse Disconnected => new(UsbControlStatus.Disconnected, default);
}
