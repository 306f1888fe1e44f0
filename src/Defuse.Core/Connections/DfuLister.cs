using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Connections;

/// <summary>Reads what a DFU device's descriptors say, and leaves the device as it is.</summary>
internal static class DfuLister
{
    /// <returns>What was read; null if the device offers no DFU, or has left meanwhile.</returns>
    public static async ValueTask<DfuListing?> ReadAsync(
        IUsbHost host, string location, ConnectionAddress address, CancellationToken cancellationToken)
    {
        IUsbDevice device;
        try
        {
            device = await host.OpenAsync(location, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.CannotOpen)
        {
            return await WithoutOpeningAsync(host, location, address, e, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Disconnected)
        {
            return null;
        }

        await using var closing = device.ConfigureAwait(false);
        try
        {
            return await ReadAsync(device, address, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Disconnected)
        {
            return null;
        }
        catch (TransportException e)
        {
            return Blocked(device.Info, address, e);
        }
    }

    private static async ValueTask<DfuListing?> ReadAsync(IUsbDevice device, ConnectionAddress address, CancellationToken cancellationToken)
    {
        const int ConfigurationValue = 5;
        var configuration = await DfuTargetOpener.ConfigurationAsync(device, cancellationToken).ConfigureAwait(false);
        if (DfuInterface.Find(configuration.Span) is not { } dfu)
        {
            return null;
        }

        var names = await DfuTargetOpener.NamesAsync(device, dfu, cancellationToken).ConfigureAwait(false);
        return Of(device.Info, address) with
        {
            Configuration = configuration.Span[ConfigurationValue],
            InterfaceNumber = dfu.Number,
            RunsProgram = dfu.Protocol == DfuInterface.RunTimeProtocol,
            SerialNumber = DfuDevice.SerialNumberOf(device.Info) ?? await SerialNumberAsync(device, cancellationToken).ConfigureAwait(false),
            Memories = [.. names.Select(x => new DfuMemoryName(x.AlternateSetting, x.Name.Length == 0 ? null : x.Name))],
            Attributes = dfu.Functional?.Attributes ?? 0,
            DetachTimeout = dfu.Functional?.DetachTimeout ?? 0,
            TransferSize = dfu.Functional?.TransferSize ?? 0,
            DfuVersion = dfu.Functional?.DfuVersion ?? 0,
        };
    }

    // Some hosts tell no strings before a device is open. One without a serial number is still a device.
    private static async ValueTask<string?> SerialNumberAsync(IUsbDevice device, CancellationToken cancellationToken)
    {
        const int DescriptorLength = 18;
        const int SerialNumberIndex = 16;
        try
        {
            var bytes = await DfuTargetOpener.DescriptorAsync(device, UsbStandardRequest.DeviceDescriptor, 0, DescriptorLength, cancellationToken).ConfigureAwait(false);
            if (bytes.Length < DescriptorLength || bytes.Span[SerialNumberIndex] is not (not 0 and var index))
            {
                return null;
            }

            var text = await DfuTargetOpener.DescriptorAsync(device, UsbStandardRequest.StringDescriptor, index, 255, cancellationToken).ConfigureAwait(false);
            return DfuDevice.SerialNumberOf(device.Info with { SerialNumber = UsbString.Decode(text.Span) });
        }
        catch (TransportException e) when (e.Failure is TransportFailure.Stall)
        {
            return null;
        }
    }

    private static async ValueTask<DfuListing?> WithoutOpeningAsync(
        IUsbHost host, string location, ConnectionAddress address, TransportException why, CancellationToken cancellationToken)
    {
        var devices = await host.ListAsync(cancellationToken).ConfigureAwait(false);
        return devices.FirstOrDefault(x => string.Equals(x.Location, location, StringComparison.Ordinal)) is { } device
            ? Blocked(device, address, why)
            : null;
    }

    private static DfuListing Blocked(UsbDeviceInfo device, ConnectionAddress address, TransportException why) =>
        Of(device, address) with { RunsProgram = !DfuTarget.IsDfu(device), Problem = why.Message, Remedy = why.Remedy };

    private static DfuListing Of(UsbDeviceInfo device, ConnectionAddress address) => new()
    {
        Address = address,
        Location = device.Location,
        VendorId = device.VendorId,
        ProductId = device.ProductId,
        DeviceRelease = device.DeviceRelease,
        DeviceAddress = device.DeviceAddress,
        SerialNumber = DfuDevice.SerialNumberOf(device),
    };
}
