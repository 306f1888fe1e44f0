namespace Defuse.Transports;

/// <summary>The device's side of USB: what answers when a host sends a setup packet.</summary>
/// <remarks>
/// It answers every request that reaches a real device after its address was set, the standard ones included, from its
/// own descriptors. Hosts send one control transfer at a time.
/// </remarks>
public interface IUsbPeripheral
{
    /// <summary>The signalling rate it connects with.</summary>
    UsbSpeed Speed { get; }

    /// <summary>Whether it still is on the bus. Once false, it stays false: what comes back is another peripheral.</summary>
    bool IsConnected { get; }

    /// <summary>The clock that this peripheral's own time passes on.</summary>
    TimeProvider Time { get; }

    /// <summary>Answers a control transfer; a device that is busy answers late.</summary>
    /// <param name="setup">The setup packet.</param>
    /// <param name="data">The data stage of an OUT transfer, wLength bytes; empty otherwise.</param>
    /// <param name="cancellationToken">The host gave up; what the device was doing goes on.</param>
    ValueTask<UsbControlResponse> ControlAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}
