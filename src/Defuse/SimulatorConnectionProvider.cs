using Defuse.Connections;
using Defuse.Devices;
using Defuse.Simulator;
using Defuse.Targets;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse;

/// <summary>Simulated boards in this process: <c>sim:nucleo-f767zi#1?bank=dual</c>.</summary>
internal sealed class SimulatorConnectionProvider(ChipDatabase chips, SimulatedBoardFolder folder, bool fresh, TimeProvider time, Func<IUsbHost, IUsbHost> trace) : IUsbConnectionProvider
{
    public const string SchemeName = "sim";

    private const string DfuInterface = "/dfu";

    public string Scheme => SchemeName;

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
        var board = Create(address, folder, fresh, VirtualClockMode.Stepped, time);
        try
        {
            return await DfuDevice.OpenAsync(trace(new SimulatedUsbHost(board)), board.Location, address.ToString(), chips, cancellationToken).ConfigureAwait(false);
        }
        catch (SimulatedBoardException e)
        {
            // Some options show only against what the board kept.
            board.Dispose();
            throw new ConnectionException(ConnectionFailure.BadAddress, e.Message, e.Remedy, e);
        }
        catch
        {
            board.Dispose();
            throw;
        }
    }

    public ValueTask<(IUsbHost Host, string Location)> LocateAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        var board = Create(address, folder, fresh, VirtualClockMode.Stepped, time);
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
}
