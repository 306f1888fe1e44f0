using System.Net.Sockets;
using Defuse.Transports;
using Defuse.UsbIp.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Defuse.UsbIp;

/// <summary>The devices that a USB/IP server exports, for this program alone: no kernel module, no administrator.</summary>
/// <remarks>
/// A managed client of USB/IP 1.1.1 (Linux, Documentation/usb/usbip_protocol.rst): it talks to usbipd, to
/// <see cref="UsbIpServer"/> and to anything else that speaks it. Each device has a connection of its own; control
/// transfers only. Safe to use from several threads.
/// </remarks>
public sealed class UsbIpHost : IUsbHost
{
    /// <summary>The TCP port that USB/IP servers listen on.</summary>
    public const int DefaultPort = 3240;

    /// <summary>How long a server may take to accept a connection, and then to answer.</summary>
    internal static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="host">The server's name or address.</param>
    /// <param name="port">The server's TCP port, 1 to 65535.</param>
    /// <param name="timeProvider">Measures timeouts; the system's clock if null.</param>
    /// <param name="logger">Told of trouble that does not fail a call; may be null.</param>
    public UsbIpHost(string host, int port = DefaultPort, TimeProvider? timeProvider = null, ILogger? logger = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        Host = host;
        Port = port;
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
    }

    /// <summary>The server's name or address.</summary>
    public string Host { get; }

    /// <summary>The server's TCP port.</summary>
    public int Port { get; }

    private string Server => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>The devices that the server exports (OP_REQ_DEVLIST); the location is the bus id, strings are not known.</summary>
    /// <exception cref="TransportException">
    /// <see cref="TransportFailure.CannotOpen"/> if the server cannot be reached, <see cref="TransportFailure.Protocol"/>
    /// if its answer makes no sense, <see cref="TransportFailure.Timeout"/> if there is none.
    /// </exception>
    public async ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken)
    {
        using var client = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var devices = await AskAsync(client, OpPhase.ReqDevlist(), OpPhase.ReadRepDevlistAsync, cancellationToken).ConfigureAwait(false);
        return [.. devices.Select(x => UsbIpDevice.InfoOf(x.Record, x.Interfaces))];
    }

    /// <summary>Imports a device (OP_REQ_IMPORT): nobody else can until it is disposed.</summary>
    /// <param name="location">Its bus id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TransportException">
    /// As <see cref="ListAsync"/>; also <see cref="TransportFailure.Disconnected"/> if the server exports no such device,
    /// <see cref="TransportFailure.CannotOpen"/> if it does not give it out.
    /// </exception>
    public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(location);
        if (location.Length is 0 or >= UsbDeviceRecord.BusIdSize || !location.All(x => x is > ' ' and < '\x7F'))
        {
            throw await NotThereAsync(location, cancellationToken).ConfigureAwait(false);
        }

        var client = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var (status, device) = await AskAsync(
                client, OpPhase.ReqImport(location), OpPhase.ReadRepImportAsync, cancellationToken).ConfigureAwait(false);
            if (device is null)
            {
                throw await RefusedAsync(location, status, cancellationToken).ConfigureAwait(false);
            }

            if (!string.Equals(device.BusId, location, StringComparison.Ordinal))
            {
                throw new TransportException(TransportFailure.Protocol, $"{Server} was asked for {location} and gave out {device.BusId}");
            }

            var imported = await UsbIpDevice.OpenAsync(client.GetStream(), device, _time, _logger, cancellationToken).ConfigureAwait(false);
            Log.Imported(_logger, location, Host, Port);
            return imported;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private async ValueTask<TcpClient> ConnectAsync(CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        try
        {
            return await _time.WithinAsync(
                AnswerTimeout,
                async token =>
                {
                    await client.ConnectAsync(Host, Port, token).ConfigureAwait(false);
                    return client;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            client.Dispose();
            throw;
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            client.Dispose();
            throw Unreachable(e);
        }
    }

    private TransportException Unreachable(Exception cause)
    {
        var (reason, remedy) = cause switch
        {
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
                ($"no machine called {Host} is known", "Check the name, or use the machine's address"),
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
                ($"no USB/IP server answers at {Server}",
                    $"Start one on {Host} (`defuse simulate`, or `sudo usbipd -D` for its real devices) and check the port"),
            _ =>
                (cause is SocketException ? $"{Server} cannot be reached: {cause.Message}" : $"{Server} did not answer within {AnswerTimeout.TotalSeconds} s",
                    $"Check that {Host} is switched on and on this network, and that its firewall lets TCP port {Port} through"),
        };
        return new TransportException(TransportFailure.CannotOpen, reason, remedy, innerException: cause);
    }

    private async ValueTask<T> AskAsync<T>(
        TcpClient client, ReadOnlyMemory<byte> request, Func<Stream, CancellationToken, ValueTask<T>> readReply, CancellationToken cancellationToken)
    {
        try
        {
            return await _time.WithinAsync(
                AnswerTimeout,
                async token =>
                {
                    var stream = client.GetStream();
                    await stream.WriteAsync(request, token).ConfigureAwait(false);
                    return await readReply(stream, token).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new TransportException(
                TransportFailure.Timeout,
                $"{Server} took the connection and did not answer within {AnswerTimeout.TotalSeconds} s",
                $"Check that what listens on port {Port} is a USB/IP server",
                innerException: e);
        }
        catch (EndOfStreamException e)
        {
            throw new TransportException(
                TransportFailure.Protocol,
                $"{Server} closed the connection before it had answered",
                $"Check that what listens on port {Port} is a USB/IP server of version 1.1.1",
                innerException: e);
        }
        catch (IOException e)
        {
            throw new TransportException(TransportFailure.Fault, $"the connection to {Server} broke: {e.Message}", innerException: e);
        }
    }

    private async ValueTask<TransportException> RefusedAsync(string busId, OpStatus status, CancellationToken cancellationToken) => status switch
    {
        OpStatus.NoDevice => await NotThereAsync(busId, cancellationToken).ConfigureAwait(false),
        OpStatus.DeviceBusy => new TransportException(
            TransportFailure.CannotOpen,
            $"{busId} at {Server} is in use by another program or machine (ST_DEV_BUSY)",
            "Close that program, or detach the device there (`usbip port` shows it, `sudo usbip detach -p PORT` frees it)"),
        OpStatus.DeviceError => new TransportException(
            TransportFailure.CannotOpen,
            $"{busId} at {Server} is in a state of error (ST_DEV_ERR)",
            $"Unplug it there and plug it in again; on Linux then `sudo usbip bind -b {busId}`"),
        _ => new TransportException(
            TransportFailure.CannotOpen,
            $"{Server} does not give out {busId} ({Name(status)})",
            $"Check that it is plugged in there, exported (on Linux `sudo usbip bind -b {busId}`) and in use by nobody else"),
    };

    private async ValueTask<TransportException> NotThereAsync(string busId, CancellationToken cancellationToken)
    {
        var devices = await ListAsync(cancellationToken).ConfigureAwait(false);
        var known = string.Join(", ", devices.Select(x => $"{x.Location} ({x.VendorId:x4}:{x.ProductId:x4})"));
        return new TransportException(
            TransportFailure.Disconnected,
            $"{Server} exports no device with the bus id \"{busId}\"",
            known.Length > 0 ? $"It exports {known}" : "It exports nothing at all; on Linux `sudo usbip bind -b BUSID` exports a device");
    }

    private static string Name(OpStatus status) => status switch
    {
        OpStatus.NotAvailable => "ST_NA",
        OpStatus.Error => "ST_ERROR",
        _ => $"status {(uint)status}",
    };
}
