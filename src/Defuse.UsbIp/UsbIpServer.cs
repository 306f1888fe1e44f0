using System.Net;
using System.Net.Sockets;
using Defuse.Transports;
using Defuse.UsbIp.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Defuse.UsbIp;

/// <summary>Exports peripherals of this process over USB/IP 1.1.1, to <see cref="UsbIpHost"/>, to Linux and to Windows.</summary>
/// <remarks>
/// The sockets get the bus ids 1-1, 1-2, ... in the order they were given. Listing (OP_REQ_DEVLIST) and importing
/// (OP_REQ_IMPORT) both plug a board in anew whose program left the bus; a board that cannot be had is not listed. One
/// client at a time has a device; it is unplugged by closing that client's connection. Only control transfers are
/// served: other endpoints answer STALL. There is no authentication, as the protocol has none. Safe to use from several
/// threads.
/// </remarks>
public sealed class UsbIpServer : IAsyncDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DescribeTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly Socket _listener;
    private readonly Export[] _exports;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IProgress<UsbIpServerEvent>? _events;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _clients = [];
    private readonly Task _accepting;
    private bool _disposed;

    private UsbIpServer(Socket listener, Export[] exports, TimeProvider time, ILogger logger, IProgress<UsbIpServerEvent>? events)
    {
        _listener = listener;
        _exports = exports;
        _time = time;
        _logger = logger;
        _events = events;
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, with the port that was chosen if none was given.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>What is exported: bus id and socket, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, IUsbSocket>> Exports => [.. _exports.Select(x => KeyValuePair.Create(x.BusId, x.Socket))];

    /// <summary>Starts a server; disposing stops it.</summary>
    /// <param name="sockets">What to export.</param>
    /// <param name="address">Where to listen; this machine's own loopback (IPv4) if null.</param>
    /// <param name="port">The TCP port, 0 for any that is free.</param>
    /// <param name="events">Told of clients that come and go, from any thread; may be null.</param>
    /// <param name="timeProvider">Measures timeouts; the system's clock if null.</param>
    /// <param name="logger">Gets the events too, and exceptions of peripherals; may be null.</param>
    /// <exception cref="TransportException"><see cref="TransportFailure.CannotOpen"/>: the address or port cannot be had.</exception>
    public static UsbIpServer Start(
        IEnumerable<IUsbSocket> sockets,
        IPAddress? address = null,
        int port = UsbIpHost.DefaultPort,
        IProgress<UsbIpServerEvent>? events = null,
        TimeProvider? timeProvider = null,
        ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(sockets);
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        var exports = sockets.Select((x, i) => new Export(x, i + 1)).ToArray();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exports.Length, OpPhase.MaxDevices, nameof(sockets));
        var endPoint = new IPEndPoint(address ?? IPAddress.Loopback, port);
        var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(endPoint);
            listener.Listen();
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new TransportException(
                TransportFailure.CannotOpen,
                $"a USB/IP server cannot listen at {endPoint}: {e.Message}",
                e.SocketErrorCode == SocketError.AddressAlreadyInUse ? "Stop the server that does (usbipd?), or choose another port" : null,
                innerException: e);
        }

        return new UsbIpServer(listener, exports, timeProvider ?? TimeProvider.System, logger ?? NullLogger.Instance, events);
    }

    /// <summary>Stops listening and unplugs every client.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        Task[] clients;
        lock (_lock)
        {
            clients = [.. _clients];
        }

        await Task.WhenAll(clients).ConfigureAwait(false);
        foreach (var export in _exports)
        {
            export.Dispose();
        }

        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A client that was gone before it was accepted, or too many open files: others may do better.
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time).ConfigureAwait(false);
                continue;
            }

            var serving = ServeAsync(socket);
            lock (_lock)
            {
                _clients.RemoveWhere(x => x.IsCompleted);
                _clients.Add(serving);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        EndPoint? client = null;
        Export? export = null;
        try
        {
            client = socket.RemoteEndPoint;
            socket.NoDelay = true;
            var stream = new NetworkStream(socket, ownsSocket: true);
            await using (stream.ConfigureAwait(false))
            {
                var busId = await _time.WithinAsync(RequestTimeout, x => OpPhase.ReadRequestAsync(stream, x), _stopping.Token).ConfigureAwait(false);
                if (busId is null)
                {
                    await stream.WriteAsync(OpPhase.RepDevlist(await DescribeAllAsync().ConfigureAwait(false)), _stopping.Token).ConfigureAwait(false);
                }
                else
                {
                    export = _exports.FirstOrDefault(x => string.Equals(x.BusId, busId, StringComparison.Ordinal));
                    await ImportAsync(socket, stream, export, busId, client).ConfigureAwait(false);
                }
            }
        }
        catch (TransportException e)
        {
            Report(UsbIpServerEventKind.Malformed, export, export?.BusId, client, e.Message);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or TimeoutException)
        {
            // The client went away, said nothing in time, or the server stops.
        }
        catch (Exception e)
        {
            Log.PeripheralFailed(_logger, e);
        }
        finally
        {
            socket.Dispose();
        }
    }

    private async ValueTask<List<ExportedDevice>> DescribeAllAsync()
    {
        var devices = new List<ExportedDevice>();
        foreach (var export in _exports)
        {
            try
            {
                devices.Add(await _time.WithinAsync(DescribeTimeout, export.DescribeAsync, _stopping.Token).ConfigureAwait(false));
            }
            catch (Exception e) when (e is TransportException or TimeoutException)
            {
                Log.NotListed(_logger, export.BusId, e.Message);
            }
        }

        return devices;
    }

    private async Task ImportAsync(Socket socket, Stream stream, Export? export, string busId, EndPoint? client)
    {
        var (status, reason) = (OpStatus.NoDevice, "there is no such bus id");
        (IUsbPeripheral Peripheral, UsbDeviceRecord Record)? imported = null;
        try
        {
            if (export is not null)
            {
                (status, reason) = (OpStatus.DeviceBusy, "another client has it");
                imported = await _time.WithinAsync(DescribeTimeout, export.ImportAsync, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (TimeoutException)
        {
            (status, reason) = (OpStatus.DeviceBusy, "the device is busy with something that it was told before");
        }
        catch (TransportException e)
        {
            (status, reason) = (e.Failure == TransportFailure.CannotOpen ? OpStatus.DeviceBusy : OpStatus.DeviceError, e.Message);
        }

        if (imported is var (peripheral, record))
        {
            await ServeAsync(socket, stream, export!, peripheral, record, client).ConfigureAwait(false);
        }
        else
        {
            Report(UsbIpServerEventKind.Refused, export, busId, client, reason);
            await stream.WriteAsync(OpPhase.RepImport(status), _stopping.Token).ConfigureAwait(false);
        }
    }

    private async Task ServeAsync(
        Socket socket, Stream stream, Export export, IUsbPeripheral peripheral, UsbDeviceRecord record, EndPoint? client)
    {
        var unplugged = false;
        try
        {
            Report(UsbIpServerEventKind.Attached, export, export.BusId, client, null);
            await stream.WriteAsync(OpPhase.RepImport(record), _stopping.Token).ConfigureAwait(false);
            using var session = new UrbSession(stream, peripheral, _time, _logger);
            unplugged = await session.RunAsync(_stopping.Token).ConfigureAwait(false);
        }
        finally
        {
            // Before the connection ends: who sees it end may import again at once.
            await export.ReleaseAsync().ConfigureAwait(false);
            Report(
                unplugged ? UsbIpServerEventKind.Unplugged : UsbIpServerEventKind.Detached,
                export,
                export.BusId,
                client,
                _stopping.IsCancellationRequested ? "the server stops" : null);
        }

        if (unplugged)
        {
            // A socket that is closed with unread bytes in it resets the connection, and the last reply may be lost.
            socket.Shutdown(SocketShutdown.Send);
            using var deadline = new CancellationTokenSource(LastWords, _time);
            var scrap = new byte[4096];
            while (await stream.ReadAsync(scrap, deadline.Token).ConfigureAwait(false) > 0)
            {
            }
        }
    }

    private void Report(UsbIpServerEventKind kind, Export? export, string? busId, EndPoint? client, string? detail)
    {
        Log.Server(_logger, kind, busId, client, detail);
        _events?.Report(new UsbIpServerEvent(kind, busId, export?.Socket.Location, client, detail));
    }
}
