namespace Defuse.Transports;

/// <summary>A host whose devices live in this process: it hands setup packets to peripherals with no bus in between.</summary>
public sealed class UsbPeripheralHost : IUsbHost
{
    private readonly IReadOnlyList<IUsbSocket> _sockets;

    /// <param name="sockets">Where peripherals are plugged in; no two with the same location.</param>
    public UsbPeripheralHost(IEnumerable<IUsbSocket> sockets)
    {
        ArgumentNullException.ThrowIfNull(sockets);
        _sockets = [.. sockets];
        if (_sockets.DistinctBy(x => x.Location, StringComparer.Ordinal).Count() != _sockets.Count)
        {
            throw new ArgumentException("Two sockets have the same location.", nameof(sockets));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken)
    {
        var devices = new List<UsbDeviceInfo>();
        foreach (var socket in _sockets)
        {
            if (socket.Peripheral is { IsConnected: true } peripheral)
            {
                devices.Add(await UsbDescriptorReader.DescribeAsync(peripheral, socket.Location, cancellationToken).ConfigureAwait(false));
            }
        }

        return devices;
    }

    /// <inheritdoc/>
    public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
    {
        var socket = _sockets.FirstOrDefault(x => string.Equals(x.Location, location, StringComparison.Ordinal))
            ?? throw new TransportException(TransportFailure.Disconnected, $"nothing is plugged in at {location}");
        var peripheral = await socket.AttachAsync(cancellationToken).ConfigureAwait(false);
        var info = await UsbDescriptorReader.DescribeAsync(peripheral, location, cancellationToken).ConfigureAwait(false);
        return new UsbPeripheralDevice(peripheral, info);
    }
}
