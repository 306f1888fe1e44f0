namespace Defuse.Transports;

/// <summary>The host's side of USB: sees devices and opens them.</summary>
/// <remarks>Implementations are safe to use from several threads.</remarks>
public interface IUsbHost
{
    /// <summary>The devices that are there now; also those that cannot be opened, with the reason.</summary>
    /// <exception cref="TransportException">The host itself cannot be asked.</exception>
    ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Opens a device.</summary>
    /// <param name="location">Its <see cref="UsbDeviceInfo.Location"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TransportException">
    /// <see cref="TransportFailure.Disconnected"/> if it is not there, <see cref="TransportFailure.CannotOpen"/> if it
    /// cannot be opened.
    /// </exception>
    ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken);
}
