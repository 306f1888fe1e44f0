using Defuse.Connections;
using Defuse.Platform;
using Defuse.Transports;

namespace Defuse.Monitoring;

/// <summary>A plain serial terminal: what the board sends comes out, what comes in goes to the board.</summary>
/// <remarks>
/// A port has the address uart:NAME. Bytes are passed on as they come, none is changed or held back. Immutable, and safe to use from
/// several threads.
/// </remarks>
/// <param name="host">The ports.</param>
/// <param name="time">Measures the time between looks for a board that left.</param>
public sealed class SerialMonitor(ISerialHost host, TimeProvider time)
{
    /// <summary>The scheme of a serial port's address.</summary>
    public const string SchemeName = "uart";

    /// <summary>The keyboard of the terminal that this process runs in, key by key, Ctrl-C among them; null if there is none.</summary>
    /// <returns>What is typed, in UTF-8; disposing it gives the terminal back as it was, and so does the end of the process.</returns>
    public static Stream? OpenKeyboard() => PlatformTerminal.OpenKeyboard();

    /// <summary>The port to open where none is named: the only one with a USB device behind it, or else the only one that there is.</summary>
    /// <exception cref="ConnectionException">There is none, there are several, or the system does not tell.</exception>
    public async ValueTask<ConnectionAddress> FindOnlyAsync(CancellationToken cancellationToken)
    {
        var all = await ListAsync(cancellationToken).ConfigureAwait(false);

        // A PC's own port is there always, and seldom meant.
        var ports = all.Any(x => x.VendorId is not null) ? [.. all.Where(x => x.VendorId is not null)] : all;
        return ports.Count switch
        {
            1 => AddressOf(ports[0]),
            0 => throw new ConnectionException(
                ConnectionFailure.NoDevice, "no serial port was found", "plug a board in, or name a port with --device uart:PORT"),
            _ => throw new ConnectionException(
                ConnectionFailure.SeveralDevices,
                $"{ports.Count} serial ports were found",
                $"name one: {string.Join(", or ", ports.Select(x => $"--device {AddressOf(x)}{(x.Product is { } product ? $" ({product})" : "")}"))}"),
        };
    }

    /// <summary>Connects a port with an input and an output, until it is cancelled or the quit key is typed.</summary>
    /// <param name="address">The port: uart:/dev/ttyACM0, uart:COM5.</param>
    /// <param name="options">How.</param>
    /// <param name="input">What is sent; its end does not end this, unless it is a keyboard's.</param>
    /// <param name="output">Takes what comes, flushed after each read.</param>
    /// <param name="events">Told of the port, one event after the other.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ConnectionException">There is no such port, or it cannot be opened.</exception>
    /// <exception cref="TransportException">It left, and is not waited for, or it failed.</exception>
    /// <exception cref="IOException">The input or the output failed.</exception>
    public async Task RunAsync(
        ConnectionAddress address,
        SerialMonitorOptions options,
        Stream input,
        Stream output,
        IProgress<SerialMonitorEvent> events,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(events);
        if (!string.Equals(address.Scheme, SchemeName, StringComparison.Ordinal) || address.Path.Length == 0)
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, $"'{address}' is no serial port", "write uart:PORT, for example uart:/dev/ttyACM0 or uart:COM5");
        }

        var port = await OpenAsync(address.Path, options, cancellationToken).ConfigureAwait(false);
        var session = new MonitorSession(host, time, options, events);
        await using var closing = session.ConfigureAwait(false);
        await session.RunAsync(port, input, output, cancellationToken).ConfigureAwait(false);
    }

    private static ConnectionAddress AddressOf(SerialPortInfo port) => ConnectionAddress.Of(SchemeName, port.Name);

    private async ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await host.ListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e)
        {
            throw new ConnectionException(ConnectionFailure.CannotOpen, e.Message, e.Remedy, e);
        }
    }

    private async ValueTask<ISerialPort> OpenAsync(string name, SerialMonitorOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await host.OpenAsync(name, options.Settings, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Disconnected)
        {
            var ports = await ListAsync(cancellationToken).ConfigureAwait(false);
            var remedy = ports.Count == 0 ? e.Remedy : $"name one that is there: {string.Join(", or ", ports.Select(x => $"--device {AddressOf(x)}"))}";
            throw new ConnectionException(ConnectionFailure.NoDevice, e.Message, remedy, e);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.CannotOpen)
        {
            throw new ConnectionException(ConnectionFailure.CannotOpen, e.Message, e.Remedy, e);
        }
    }
}
