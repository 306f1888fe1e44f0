using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.Versioning;
using Defuse.Connections;
using Defuse.Simulator;
using Defuse.Transports;
using Defuse.UsbIp;

namespace Defuse;

/// <summary>Serves simulated boards over USB/IP, to this program's users and to every other tool.</summary>
public sealed class SimulationServer : IAsyncDisposable
{
    private readonly UsbIpServer _server;
    private readonly ImmutableArray<SimulatedBoard> _boards;
    private readonly ImmutableArray<IAsyncDisposable> _terminals;

    private SimulationServer(
        UsbIpServer server, ImmutableArray<SimulatedBoard> boards, ImmutableArray<IAsyncDisposable> terminals, ImmutableArray<SimulatedExport> exports)
    {
        _server = server;
        _boards = boards;
        _terminals = terminals;
        Exports = exports;
    }

    /// <summary>What is served.</summary>
    public ImmutableArray<SimulatedExport> Exports { get; }

    /// <summary>Starts a server; disposing stops it and gives the boards' files back.</summary>
    /// <param name="boards">Which: addresses of the scheme sim.</param>
    /// <param name="options">How.</param>
    /// <param name="messages">Told in plain words of clients that come and go, from any thread.</param>
    /// <param name="cancellationToken">Stops before the server is there.</param>
    /// <exception cref="ConnectionException">There is no such board, it is named twice, or it is in use.</exception>
    /// <exception cref="TransportException">The port cannot be had, or no pseudo-terminal.</exception>
    /// <exception cref="PlatformNotSupportedException">Pseudo-terminals were asked for, and the system is not Linux.</exception>
    public static async ValueTask<SimulationServer> StartAsync(
        IReadOnlyList<ConnectionAddress> boards, SimulationOptions options, IProgress<string>? messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(boards);
        ArgumentNullException.ThrowIfNull(options);
        if (options.SerialTerminals && !OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("Pseudo-terminals for simulated boards are made on Linux only.");
        }

        var folder = new SimulatedBoardFolder(options.Folder ?? SimulatedBoards.DefaultFolder);
        if (boards.DistinctBy(x => (x.Path.ToUpperInvariant(), x.Instance)).Count() != boards.Count)
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, "a board is named twice", "number boards of one kind: nucleo-f767zi#0 nucleo-f767zi#1");
        }

        var created = ImmutableArray.CreateBuilder<SimulatedBoard>();
        var terminals = ImmutableArray.CreateBuilder<IAsyncDisposable>();
        try
        {
            foreach (var board in boards)
            {
                created.Add(await CreateAsync(board, folder, options, cancellationToken).ConfigureAwait(false));
            }

            var events = messages is null ? null : new EventMessages(messages);
            var sockets = created.Select(x => options.SerialTerminals && OperatingSystem.IsLinux() ? (IUsbSocket)WithTerminal(x, messages, terminals) : x).ToList();

            // A board's own connector, and those of USB-serial adapters behind all of them.
            var adapters = created.Zip(boards).Where(x => x.First.SerialAdapter is not null).ToList();
            var server = UsbIpServer.Start([.. sockets, .. adapters.Select(x => x.First.SerialAdapter!)], options.Address, options.Port, events);
            var exports = server.Exports.Zip([.. boards, .. adapters.Select(x => x.Second)], (export, board) => new SimulatedExport(
                board, export.Key, ConnectionAddress.Of(UsbIpConnectionProvider.SchemeName, $"{server.EndPoint}/{export.Key}"))
            {
                IsSerialAdapter = adapters.Exists(x => x.First.SerialAdapter == export.Value),
                SerialPort = PortOf(export.Value),
            });
            return new SimulationServer(server, created.ToImmutable(), terminals.ToImmutable(), [.. exports]);
        }
        catch
        {
            foreach (var terminal in terminals)
            {
                await terminal.DisposeAsync().ConfigureAwait(false);
            }

            foreach (var board in created)
            {
                board.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        foreach (var terminal in _terminals)
        {
            await terminal.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var board in _boards)
        {
            board.Dispose();
        }
    }

    private static async ValueTask<SimulatedBoard> CreateAsync(
        ConnectionAddress address, SimulatedBoardFolder folder, SimulationOptions options, CancellationToken cancellationToken)
    {
        if (!string.Equals(address.Scheme, SimulatorConnectionProvider.SchemeName, StringComparison.Ordinal))
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, $"'{address}' is no simulated board", "write its name, for example nucleo-f767zi");
        }

        var board = SimulatorConnectionProvider.Create(
            WithDefault(WithDefault(address, "time", options.TimeScale.ToString(CultureInfo.InvariantCulture)), "fault", options.Fault ?? ""),
            folder,
            options.Fresh,
            VirtualClockMode.Following,
            TimeProvider.System);
        try
        {
            // Taken now, so that a board that another process uses is found out before anybody attaches it.
            await board.AttachAsync(cancellationToken).ConfigureAwait(false);
            return board;
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Disconnected)
        {
            // It is ours, and runs nothing that shows on USB: that may change.
            return board;
        }
        catch (SimulatedBoardException e)
        {
            board.Dispose();
            throw new ConnectionException(ConnectionFailure.BadAddress, e.Message, e.Remedy, e);
        }
        catch (TransportException e)
        {
            board.Dispose();
            throw new ConnectionException(ConnectionFailure.CannotOpen, e.Message, e.Remedy, e);
        }
    }

    [SupportedOSPlatform("linux")]
    private static ProgramTerminal WithTerminal(SimulatedBoard board, IProgress<string>? messages, ImmutableArray<IAsyncDisposable>.Builder terminals)
    {
        var terminal = new ProgramTerminal(board, TimeProvider.System, messages);
        terminals.Add(terminal);
        return terminal;
    }

    private static string? PortOf(IUsbSocket socket) => OperatingSystem.IsLinux() && socket is ProgramTerminal terminal ? terminal.Name : null;

    private static ConnectionAddress WithDefault(ConnectionAddress address, string option, string value) =>
        address.Options.ContainsKey(option) ? address : address with { Options = address.Options.Add(option, value) };

    private sealed class EventMessages(IProgress<string> messages) : IProgress<UsbIpServerEvent>
    {
        public void Report(UsbIpServerEvent value) => messages.Report(
            string.Join(' ', new[] { value.BusId, value.Location, value.Kind.ToString().ToLowerInvariant(), value.Client?.ToString(), value.Detail }.Where(x => !string.IsNullOrEmpty(x))));
    }
}
