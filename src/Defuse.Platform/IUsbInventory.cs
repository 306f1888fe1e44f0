using Defuse.Transports;

namespace Defuse.Platform;

/// <summary>
/// What an operating system tells of the USB devices that are there without opening them: strings, the driver that is bound,
/// and why a device cannot be opened. A host that opens devices takes from here what it cannot find out itself.
/// </summary>
internal interface IUsbInventory
{
    /// <summary>Whether it lists every device that can be opened, and knows its address: then nobody else has to be asked.</summary>
    bool IsComplete => false;

    /// <summary>The devices, by the same locations as the host that opens them uses: BUS-PORT[.PORT...].</summary>
    ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The device at a place; null if it lists none there.</summary>
    async ValueTask<UsbDeviceInfo?> FindAsync(string location, CancellationToken cancellationToken)
    {
        var devices = await ListAsync(cancellationToken).ConfigureAwait(false);
        return devices.FirstOrDefault(x => string.Equals(x.Location, location, StringComparison.Ordinal));
    }
}
