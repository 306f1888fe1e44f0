using Defuse.Transports;

namespace Defuse.Platform;

/// <summary>
/// What an operating system tells of the USB devices that are there without opening them: strings, the driver that is bound,
/// and why a device cannot be opened. A host that opens devices takes from here what it cannot find out itself.
/// </summary>
internal interface IUsbInventory
{
    /// <summary>The devices, by the same locations as the host that opens them uses: BUS-PORT[.PORT...].</summary>
    ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken);
}
