using Defuse.Devices;
using Defuse.Transports;

namespace Defuse.Targets.Dfu;

/// <summary>Opens what speaks DFU, whichever kind of it.</summary>
public static class DfuDevice
{
    /// <summary>Opens a device, and finds out what it is.</summary>
    /// <param name="host">The host that it is plugged into; a device that leaves to come back is looked for there.</param>
    /// <param name="location">Its <see cref="UsbDeviceInfo.Location"/>.</param>
    /// <param name="address">How it was found, for people.</param>
    /// <param name="chips">The chips that it may be.</param>
    /// <param name="cancellationToken">Stops between requests.</param>
    /// <exception cref="TransportException">It cannot be opened, does not answer, or its descriptors make no sense.</exception>
    /// <exception cref="DeviceRefusedException">It offers no DFU, or does not come to dfuIDLE.</exception>
    public static async ValueTask<ITarget> OpenAsync(
        IUsbHost host, string location, string address, ChipDatabase chips, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        var device = await host.OpenAsync(location, cancellationToken).ConfigureAwait(false);
        return await DfuTarget.OpenAsync(device, host, address, chips, cancellationToken).ConfigureAwait(false);
    }
}
