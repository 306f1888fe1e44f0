using System.Buffers.Binary;
using System.Globalization;
using Defuse.Transports;
using Defuse.UsbIp.Wire;

namespace Defuse.UsbIp;

/// <summary>One exported socket: what is plugged in there, and whether somebody has it.</summary>
internal sealed class Export(IUsbSocket socket, int number) : IDisposable
{
    // Held while the socket is attached and the peripheral asked: it takes one control transfer at a time.
    private readonly SemaphoreSlim _gate = new(1);
    private ExportedDevice? _imported;

    public IUsbSocket Socket => socket;

    public string BusId { get; } = string.Create(CultureInfo.InvariantCulture, $"1-{number}");

    /// <summary>The device as the list shows it; one that is imported is not disturbed.</summary>
    /// <exception cref="TransportException">It cannot be had, or does not answer.</exception>
    public async ValueTask<ExportedDevice> DescribeAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _imported ?? await AskAsync(await socket.AttachAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Plugs the device in for one client, until <see cref="ReleaseAsync"/>; null while another one has it.</summary>
    /// <exception cref="TransportException">It cannot be had, or does not answer.</exception>
    public async ValueTask<(IUsbPeripheral Peripheral, UsbDeviceRecord Record)?> ImportAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_imported is not null)
            {
                return null;
            }

            var peripheral = await socket.AttachAsync(cancellationToken).ConfigureAwait(false);
            _imported = await AskAsync(peripheral, cancellationToken).ConfigureAwait(false);
            return (peripheral, _imported.Record);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask ReleaseAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _imported = null;
        _gate.Release();
    }

    public void Dispose() => _gate.Dispose();

    private async ValueTask<ExportedDevice> AskAsync(IUsbPeripheral peripheral, CancellationToken cancellationToken)
    {
        var info = await UsbDescriptorReader.DescribeAsync(peripheral, socket.Location, cancellationToken).ConfigureAwait(false);
        var device = await AskAsync(
            peripheral, UsbStandardRequest.GetDescriptor, UsbStandardRequest.DeviceDescriptor << 8, 18, cancellationToken).ConfigureAwait(false);
        var configuration = await AskAsync(peripheral, UsbStandardRequest.GetConfiguration, 0, 1, cancellationToken).ConfigureAwait(false);
        var record = new UsbDeviceRecord
        {
            Path = $"/sys/devices/defuse/usb1/{BusId}",
            BusId = BusId,
            BusNum = 1,
            DevNum = (uint)number,
            Speed = info.Speed,
            VendorId = BinaryPrimitives.ReadUInt16LittleEndian(device.Span[8..]),
            ProductId = BinaryPrimitives.ReadUInt16LittleEndian(device.Span[10..]),
            DeviceRelease = BinaryPrimitives.ReadUInt16LittleEndian(device.Span[12..]),
            DeviceClass = device.Span[4],
            DeviceSubClass = device.Span[5],
            DeviceProtocol = device.Span[6],
            NumConfigurations = device.Span[17],
            ConfigurationValue = configuration.Span[0],
            NumInterfaces = (byte)Math.Min(info.Interfaces.Length, byte.MaxValue),
        };
        return new ExportedDevice(record, [.. info.Interfaces.Take(byte.MaxValue)]);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> AskAsync(
        IUsbPeripheral peripheral, byte request, ushort value, ushort length, CancellationToken cancellationToken)
    {
        var response = await peripheral.ControlAsync(new UsbSetupPacket(0x80, request, value, 0, length), default, cancellationToken).ConfigureAwait(false);
        return response.Status == UsbControlStatus.Ack && response.Data.Length >= length
            ? response.Data
            : throw new TransportException(TransportFailure.Fault, $"the device did not answer standard request {request}");
    }
}
