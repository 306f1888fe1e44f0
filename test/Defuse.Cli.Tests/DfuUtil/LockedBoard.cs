using Defuse.Connections;
using Defuse.Targets;
using Defuse.Transports;

namespace Defuse.Cli.Tests.DfuUtil;

/// <summary>A board that is there, and that this user may not open.</summary>
internal sealed class LockedBoard : IUsbConnectionProvider, IUsbHost
{
    private static readonly UsbDeviceInfo Device = new()
    {
        Location = "1-4",
        VendorId = 0x0483,
        ProductId = 0xDF11,
        DeviceAddress = 7,
        Interfaces = [new UsbInterfaceInfo(0xFE, 1, 2)],
    };

    public string Scheme => "dfu";

    ValueTask<IReadOnlyList<BoardInfo>> IConnectionProvider.ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<BoardInfo>>([DfuConnectionProvider.Describe(Device, ConnectionAddress.Parse("dfu:usb-1-4"))]);

    ValueTask<ITarget> IConnectionProvider.OpenAsync(ConnectionAddress address, CancellationToken cancellationToken) => throw Locked();

    public ValueTask<(IUsbHost Host, string Location)> LocateAsync(ConnectionAddress address, CancellationToken cancellationToken) =>
        ValueTask.FromResult<(IUsbHost, string)>((this, Device.Location));

    ValueTask<IReadOnlyList<UsbDeviceInfo>> IUsbHost.ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<UsbDeviceInfo>>([Device]);

    ValueTask<IUsbDevice> IUsbHost.OpenAsync(string location, CancellationToken cancellationToken) => throw Locked();

    private static TransportException Locked() => new(TransportFailure.CannotOpen, "this user may not", "install the udev rule");
}
