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

    /// <summary>The devices that are there, and again after every change, until it is cancelled.</summary>
    /// <remarks>
    /// The first list comes at once; changes that follow each other closely may come as one. A host that is not told of
    /// changes by its system compares lists: this is what happens unless a host does better.
    /// </remarks>
    /// <param name="cancellationToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="TransportException">The host itself cannot be asked.</exception>
    IAsyncEnumerable<IReadOnlyList<UsbDeviceInfo>> WatchAsync(CancellationToken cancellationToken) =>
        UsbListPolling.WatchAsync(this, TimeProvider.System, cancellationToken);
}
