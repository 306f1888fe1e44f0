using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Transports;

/// <summary>A host whose serial ports are CDC ACM functions of peripherals in this process, with no system in between.</summary>
/// <remarks>
/// A port is named by the place where its device is plugged in; a device's second port has a number behind that ("sim:x/2").
/// Opening one plugs the board in if nothing is on the bus there. Nothing is fetched from a device while nobody reads or
/// writes, so that time, where it is a simulated board's own, only moves by what the program does.
/// </remarks>
public sealed class UsbPeripheralSerialHost : ISerialHost
{
    private readonly IReadOnlyList<IUsbSocket> _sockets;
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    /// <param name="sockets">Where peripherals are plugged in; no two with the same location.</param>
    public UsbPeripheralSerialHost(IEnumerable<IUsbSocket> sockets)
    {
        ArgumentNullException.ThrowIfNull(sockets);
        _sockets = [.. sockets];
        if (_sockets.DistinctBy(x => x.Location, StringComparer.Ordinal).Count() != _sockets.Count)
        {
            throw new ArgumentException("Two sockets have the same location.", nameof(sockets));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken)
    {
        var ports = new List<SerialPortInfo>();
        foreach (var socket in _sockets)
        {
            if (socket.Peripheral is not { IsConnected: true } peripheral)
            {
                continue;
            }

            try
            {
                ports.AddRange((await PortsAsync(peripheral, socket.Location, cancellationToken).ConfigureAwait(false)).Select(x => x.Info));
            }
            catch (TransportException e) when (e.Failure == TransportFailure.Disconnected)
            {
                // It left while it was asked.
            }
        }

        return ports;
    }

    /// <inheritdoc/>
    public async ValueTask<ISerialPort> OpenAsync(string name, SerialSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(settings);
        var socket = _sockets.Where(x => name == x.Location || name.StartsWith(x.Location + "/", StringComparison.Ordinal)).MaxBy(x => x.Location.Length)
            ?? throw new TransportException(TransportFailure.Disconnected, $"there is no serial port {name}");
        var peripheral = await socket.AttachAsync(cancellationToken).ConfigureAwait(false);
        var found = (await PortsAsync(peripheral, socket.Location, cancellationToken).ConfigureAwait(false)).Where(x => x.Info.Name == name).ToList();
        if (found.Count == 0)
        {
            throw new TransportException(TransportFailure.Disconnected, $"what is plugged in at {socket.Location} has no serial port {name} now");
        }

        lock (_open)
        {
            if (!_open.Add(name))
            {
                throw new TransportException(TransportFailure.CannotOpen, $"the serial port {name} is open already", "close it first");
            }
        }

        var port = new UsbPeripheralSerialPort(peripheral, found[0].Info, found[0].Function, () => Closed(name));
        try
        {
            await port.StartAsync(settings, cancellationToken).ConfigureAwait(false);
            return port;
        }
        catch
        {
            await port.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<ImmutableArray<(SerialPortInfo Info, CdcAcmFunction Function)>> PortsAsync(
        IUsbPeripheral peripheral, string location, CancellationToken cancellationToken)
    {
        var configuration = await UsbDescriptorReader.ConfigurationAsync(peripheral, cancellationToken).ConfigureAwait(false);
        var functions = CdcAcmFunction.Find(configuration.Span);
        if (functions.IsEmpty)
        {
            return [];
        }

        var device = await UsbDescriptorReader.DescribeAsync(peripheral, location, cancellationToken).ConfigureAwait(false);
        return
        [
            .. functions.Select((x, i) => (
                new SerialPortInfo
                {
                    Name = i == 0 ? location : string.Create(CultureInfo.InvariantCulture, $"{location}/{i + 1}"),
                    UsbLocation = location,
                    InterfaceNumber = x.ControlInterface,
                    VendorId = device.VendorId,
                    ProductId = device.ProductId,
                    Product = device.Product,
                    SerialNumber = device.SerialNumber,
                },
                x)),
        ];
    }

    private void Closed(string name)
    {
        lock (_open)
        {
            _open.Remove(name);
        }
    }
}
