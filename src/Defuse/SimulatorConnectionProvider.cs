using System.Runtime.CompilerServices;
using Defuse.Connections;
using Defuse.Devices;
using Defuse.Entering;
using Defuse.Simulator;
using Defuse.Targets;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse;

/// <summary>Simulated boards in this process: <c>sim:nucleo-f767zi#1?bank=dual</c>.</summary>
internal sealed class SimulatorConnectionProvider(ChipDatabase chips, SimulatedBoardFolder folder, DefuseBoardsOptions options, Func<IUsbHost, IUsbHost> trace)
    : IUsbConnectionProvider, IEnteringConnectionProvider
{
    public const string SchemeName = "sim";

    private const string DfuInterface = "/dfu";
    private const string ProgramOption = "program";

    private readonly ConditionalWeakTable<ITarget, BoardPlace> _places = [];

    public string Scheme => SchemeName;

    public ProgramEntry Entry => options.Entry;

    public ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        IReadOnlyList<BoardInfo> boards =
        [
            .. SimulatedBoardCatalog.Boards
                .Where(x => scope is null || scope.Path.Length == 0 || string.Equals(x.Name, scope.Path, StringComparison.OrdinalIgnoreCase))
                .Select(x => new BoardInfo { Address = ConnectionAddress.Of(Scheme, x.Name), Name = x.Description, IsSimulated = true }),
        ];
        return ValueTask.FromResult(boards);
    }

    public async ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        var board = Create(address);
        var host = new SimulatedUsbHost(board);
        using var keeping = host.Keep();
        return await ReachAsync(async () =>
        {
            var place = await BeginAsync(board, host, cancellationToken).ConfigureAwait(false);

            // Looking is transfers too: a board that has no program is opened as it always was, and detached if it offers that.
            if ((address.Options.ContainsKey(ProgramOption) || options.Entry == ProgramEntry.Never)
                && await RunningAsync(board, place, cancellationToken).ConfigureAwait(false) is { } running)
            {
                if (options.Entry == ProgramEntry.Never)
                {
                    throw EntrySettings.LeftAlone(running);
                }

                await Entrance(place).EnterAsync(running, EntryOptions.Default, options.EntryProgress, cancellationToken).ConfigureAwait(false);
            }

            var target = await DfuDevice.OpenAsync(place.Usb, board.Location, address.ToString(), chips, cancellationToken).ConfigureAwait(false);
            if (address.Options.ContainsKey(ProgramOption))
            {
                // The programs of the others have no USB.
                _places.Add(target, place);
            }

            return target;
        }).ConfigureAwait(false);
    }

    // A simulated board is there while somebody uses it.
    public ValueTask<IReadOnlyList<RunningBoardInfo>> ListRunningAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<RunningBoardInfo>>([]);

    public async ValueTask<DfuReady> EnterDfuAsync(
        ConnectionAddress address, EntryOptions entry, IProgress<EntryEvent>? progress, CancellationToken cancellationToken)
    {
        var board = Create(address);
        var host = new SimulatedUsbHost(board);
        using var keeping = host.Keep();
        return await ReachAsync(async () =>
        {
            var place = await BeginAsync(board, host, cancellationToken).ConfigureAwait(false);
            if (await RunningAsync(board, place, cancellationToken).ConfigureAwait(false) is not { } running)
            {
                return new DfuReady(address, Way: null, Was: null, TimeSpan.Zero);
            }

            var entered = await Entrance(place).EnterAsync(running, entry, progress, cancellationToken).ConfigureAwait(false);
            return new DfuReady(address, entered.Way, running, entered.Elapsed);
        }).ConfigureAwait(false);
    }

    public BoardPlace? PlaceOf(ITarget target) => _places.TryGetValue(target, out var place) ? place : null;

    public ValueTask<(IUsbHost Host, string Location)> LocateAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        var board = Create(address);
        return ValueTask.FromResult<(IUsbHost, string)>((trace(new SimulatedUsbHost(board)), board.Location));
    }

    /// <summary>Makes the board that an address names.</summary>
    /// <exception cref="ConnectionException">There is no such board, interface or option.</exception>
    public static SimulatedBoard Create(
        ConnectionAddress address, SimulatedBoardFolder folder, bool fresh, VirtualClockMode mode, TimeProvider time)
    {
        var name = address.Path.EndsWith(DfuInterface, StringComparison.Ordinal) ? address.Path[..^DfuInterface.Length] : address.Path;
        var options = fresh ? address.Options.SetItem("fresh", "true") : address.Options;
        try
        {
            return SimulatedBoardCatalog.Create(name, address.Instance, options, folder, mode, time);
        }
        catch (SimulatedBoardException e)
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, e.Message, e.Remedy, e);
        }
    }

    private static DfuEntrance Entrance(BoardPlace place) => new(place.Usb, place.Serial, UsbIdDatabase.Default, place.Time);

    private static ValueTask<RunningBoard?> RunningAsync(SimulatedBoard board, BoardPlace place, CancellationToken cancellationToken) =>
        board is { SerialAdapter: { } adapter, Peripheral: null }
            ? Entrance(place).FindBehindAsync(adapter.Location, cancellationToken)
            : Entrance(place).FindAtAsync(place.Location, cancellationToken);

    // Some options show only against what the board kept.
    private static async ValueTask<T> ReachAsync<T>(Func<ValueTask<T>> reach)
    {
        try
        {
            return await reach().ConfigureAwait(false);
        }
        catch (SimulatedBoardException e)
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, e.Message, e.Remedy, e);
        }
    }

    private SimulatedBoard Create(ConnectionAddress address) => Create(address, folder, options.FreshSimulators, VirtualClockMode.Stepped, options.Time);

    // It is plugged in when it is opened, and nothing is listed before.
    private async ValueTask<BoardPlace> BeginAsync(SimulatedBoard board, SimulatedUsbHost host, CancellationToken cancellationToken)
    {
        try
        {
            await board.AttachAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Disconnected && board.SerialAdapter is { } adapter)
        {
            // Its program has no USB of its own; what is seen of it is the adapter.
            await adapter.AttachAsync(cancellationToken).ConfigureAwait(false);
        }

        return new BoardPlace(trace(host), new UsbPeripheralSerialHost(SimulatedUsbHost.SocketsOf(board)), board.Location, DeviceAddress: null, board.Clock);
    }
}
