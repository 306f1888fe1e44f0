using Defuse.Transports;
using Defuse.UsbIp.Wire;
using Microsoft.Extensions.Logging;

namespace Defuse.UsbIp;

/// <summary>A device that was imported from a USB/IP server.</summary>
internal sealed class UsbIpDevice : IUsbDevice
{
    private const int MaxDeviceAddress = 127;

    /// <summary>How long a server may take to say what became of a transfer that was given up.</summary>
    public static readonly TimeSpan UnlinkTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan StandardTimeout = TimeSpan.FromSeconds(5);

    private readonly UrbConnection _connection;
    private readonly ILogger _logger;
    private bool _configured;
    private bool _disposed;

    private UsbIpDevice(Stream stream, UsbDeviceRecord record, TimeProvider time, ILogger logger)
    {
        _connection = new UrbConnection(stream, record.DevId);
        _configured = record.ConfigurationValue != 0;
        _logger = logger;
        Time = time;
        Info = InfoOf(record, []);
    }

    public UsbDeviceInfo Info { get; private set; }

    public TimeProvider Time { get; }

    /// <summary>Takes over a connection whose import was granted, and reads what the import did not tell.</summary>
    public static async ValueTask<UsbIpDevice> OpenAsync(
        Stream stream, UsbDeviceRecord record, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var device = new UsbIpDevice(stream, record, time, logger);
        try
        {
            var peripheral = new ImportedPeripheral(device, record.Speed, StandardTimeout);
            device.Info = await UsbDescriptorReader.DescribeAsync(peripheral, record.BusId, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure is not TransportFailure.Disconnected)
        {
            Log.DescriptorsUnreadable(logger, record.BusId, e.Message);
        }
        catch
        {
            await device.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return device;
    }

    public static UsbDeviceInfo InfoOf(UsbDeviceRecord record, IEnumerable<UsbInterfaceInfo> interfaces) => new()
    {
        Location = record.BusId,
        VendorId = record.VendorId,
        ProductId = record.ProductId,
        DeviceRelease = record.DeviceRelease,
        DeviceAddress = record.DevNum is > 0 and <= MaxDeviceAddress ? (byte)record.DevNum : null,
        Speed = record.Speed,
        Interfaces = [.. interfaces],
    };

    public async ValueTask<int> ControlInAsync(
        UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!setup.IsIn || setup.Length != buffer.Length)
        {
            throw new ArgumentException("The setup packet does not fit the buffer.", nameof(setup));
        }

        var outcome = await TransferAsync(setup, default, timeout, cancellationToken).ConfigureAwait(false);
        outcome.Data.CopyTo(buffer);
        return outcome.Data.Length;
    }

    public async ValueTask ControlOutAsync(
        UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (setup.IsIn || setup.Length != data.Length)
        {
            throw new ArgumentException("The setup packet does not fit the data.", nameof(setup));
        }

        var outcome = await TransferAsync(setup, data, timeout, cancellationToken).ConfigureAwait(false);
        if (outcome.ActualLength != data.Length)
        {
            throw new TransportException(TransportFailure.Fault, $"only {outcome.ActualLength} of {data.Length} bytes were sent");
        }
    }

    public async ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_connection.Failure is { } failure)
        {
            throw Again(failure);
        }

        // Who imports a device has all of it; only its configuration may be left to choose.
        if (!_configured)
        {
            var configuration = new byte[9];
            var get = new UsbSetupPacket(
                0x80, UsbStandardRequest.GetDescriptor, UsbStandardRequest.ConfigurationDescriptor << 8, 0, (ushort)configuration.Length);
            var read = await ControlInAsync(get, configuration, StandardTimeout, cancellationToken).ConfigureAwait(false);
            if (read < configuration.Length)
            {
                throw new TransportException(TransportFailure.Protocol, $"the configuration descriptor has {read} bytes instead of 9 or more");
            }

            var set = new UsbSetupPacket(0x00, UsbStandardRequest.SetConfiguration, configuration[5], 0, 0);
            await ControlOutAsync(set, default, StandardTimeout, cancellationToken).ConfigureAwait(false);
            _configured = true;
        }
    }

    public ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken) =>
        ControlOutAsync(
            new UsbSetupPacket(0x01, UsbStandardRequest.SetInterface, alternateSetting, interfaceNumber, 0),
            default,
            StandardTimeout,
            cancellationToken);

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        return _connection.DisposeAsync();
    }

    private async ValueTask<UrbOutcome> TransferAsync(
        UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        var urb = _connection.Begin(setup.IsIn, setup.Length);
        UrbOutcome outcome;
        try
        {
            outcome = await _connection.SubmitAsync(urb, setup, data).WaitAsync(timeout, Time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            if (await UnlinkAsync(urb).ConfigureAwait(false) is not { } last)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new TransportException(
                    TransportFailure.Timeout, $"the device did not answer within {timeout.TotalSeconds:0.###} s", innerException: e);
            }

            outcome = last;
        }

        return outcome switch
        {
            { Kind: UrbOutcomeKind.ConnectionLost } => throw Again(_connection.Failure!),
            { Status: 0 } => outcome,
            { Status: -Errno.Epipe } => throw new TransportException(TransportFailure.Stall, "the device refused the request (STALL)"),
            { Status: -Errno.Enodev or -Errno.Eshutdown } =>
                throw new TransportException(TransportFailure.Disconnected, $"the device left the bus ({Errno.Describe(outcome.Status)})"),
            _ => throw new TransportException(TransportFailure.Fault, $"the USB/IP server reports {Errno.Describe(outcome.Status)}"),
        };
    }

    /// <summary>Takes a transfer back; null when it was, or when the server does not say. Else its result won the race.</summary>
    private async ValueTask<UrbOutcome?> UnlinkAsync(PendingUrb urb)
    {
        try
        {
            var outcome = await _connection.UnlinkAsync(urb).WaitAsync(UnlinkTimeout, Time, CancellationToken.None).ConfigureAwait(false);
            return outcome.Kind == UrbOutcomeKind.Unlinked ? null : outcome;
        }
        catch (TimeoutException)
        {
            Log.UnlinkUnanswered(_logger, Info.Location, urb.SeqNum);
            return null;
        }
    }

    private static TransportException Again(TransportException failure) =>
        new(failure.Failure, failure.Message, failure.Remedy, failure.Address, failure);
}
