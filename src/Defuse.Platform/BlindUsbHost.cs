using Defuse.Transports;

namespace Defuse.Platform;

/// <summary>The host of an operating system whose USB devices cannot be seen.</summary>
internal sealed class BlindUsbHost : IUsbHost
{
    public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<UsbDeviceInfo>>([]);

    public ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken) =>
        ValueTask.FromException<IUsbDevice>(new TransportException(
            TransportFailure.CannotOpen,
            "Defuse cannot use the USB devices of this operating system directly",
            "Plug the board into a machine that exports it over USB/IP and use `--device usbip://HOST/BUSID`"));
}
