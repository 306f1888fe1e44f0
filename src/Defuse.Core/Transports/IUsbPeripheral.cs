namespace Defuse.Transports;

/// <summary>The device's side of USB: what answers when a host sends a setup packet.</summary>
/// <remarks>
/// It answers every request that reaches a real device after its address was set, the standard ones included, from its
/// own descriptors. Hosts send one control transfer at a time, and one transfer at a time to each other endpoint and direction;
/// transfers to different endpoints may run side by side.
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

    /// <summary>A bulk or interrupt transfer from the device: ends when the endpoint has something to send (until then a real one answers NAK).</summary>
    /// <param name="endpoint">bEndpointAddress, bit 7 set.</param>
    /// <param name="length">How many bytes the host takes; a device sends at most that many, and ends the transfer by a short packet.</param>
    /// <param name="cancellationToken">The host gave up; what the device has to send stays there.</param>
    ValueTask<UsbControlResponse> TransferInAsync(byte endpoint, int length, CancellationToken cancellationToken) =>
        ValueTask.FromResult(UsbControlResponse.Stall);

    /// <summary>A bulk or interrupt transfer to the device: ends when the endpoint has taken all of it.</summary>
    /// <param name="endpoint">bEndpointAddress, bit 7 clear.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="cancellationToken">The host gave up.</param>
    ValueTask<UsbControlResponse> TransferOutAsync(byte endpoint, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        ValueTask.FromResult(UsbControlResponse.Stall);
}
