namespace Defuse.Transports;

/// <summary>An open USB device, seen from its host.</summary>
/// <remarks>One transfer at a time. Disposing gives back whatever was claimed.</remarks>
public interface IUsbDevice : IAsyncDisposable
{
    /// <summary>What was known before it was opened.</summary>
    UsbDeviceInfo Info { get; }

    /// <summary>The clock that waits for this device are measured on: the system's, or a simulated board's own.</summary>
    TimeProvider Time { get; }

    /// <summary>A control transfer from the device.</summary>
    /// <param name="setup">The setup packet; its wLength must equal the buffer's length and bit 7 of bmRequestType be set.</param>
    /// <param name="buffer">Takes what the device sends.</param>
    /// <param name="timeout">How long the device may take to answer.</param>
    /// <param name="cancellationToken">
    /// Gives the transfer up. A device in the middle of an operation is then in a state that nobody knows: protocols
    /// check their token between transfers instead.
    /// </param>
    /// <returns>How many bytes came; fewer than asked for is no error here.</returns>
    /// <exception cref="TransportException">The transfer failed.</exception>
    ValueTask<int> ControlInAsync(UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>A control transfer to the device.</summary>
    /// <param name="setup">The setup packet; its wLength must equal the data's length and bit 7 of bmRequestType be clear.</param>
    /// <param name="data">What the device gets; may be empty.</param>
    /// <param name="timeout">How long the device may take to answer.</param>
    /// <param name="cancellationToken">Gives the transfer up; see <see cref="ControlInAsync"/>.</param>
    /// <exception cref="TransportException">The transfer failed.</exception>
    ValueTask ControlOutAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Claims an interface for this program. Claiming it twice is no error.</summary>
    /// <param name="interfaceNumber">bInterfaceNumber.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TransportException">Somebody else has it, or the device is gone.</exception>
    ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken);

    /// <summary>Selects an alternate setting of a claimed interface (USB 2.0, section 9.4.10).</summary>
    /// <param name="interfaceNumber">bInterfaceNumber.</param>
    /// <param name="alternateSetting">bAlternateSetting.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TransportException">The device refused or is gone.</exception>
    ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken);
}
