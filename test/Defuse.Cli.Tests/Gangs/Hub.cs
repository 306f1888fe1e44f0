using System.Collections.Immutable;
using Defuse.Simulator;
using Defuse.Transports;

namespace Defuse.Cli.Tests.Gangs;

/// <summary>A hub with simulated boards at its ports, in this process.</summary>
internal sealed class Hub : IUsbHost, IDisposable
{
    private readonly ImmutableArray<Port> _ports;
    private readonly UsbPeripheralHost _host;

    public Hub(params string[] boards)
    {
        _ports = [.. boards.Select((x, i) => new Port($"1-4.{i + 1}", SimulatedBoardCatalog.Create(x, i, new Dictionary<string, string>(StringComparer.Ordinal), null, VirtualClockMode.Stepped)))];
        _host = new UsbPeripheralHost(_ports);
    }

    public IEnumerable<SimulatedBoard> Boards => _ports.Select(x => x.Board);

    /// <summary>Plugs every board in.</summary>
    public async Task<Hub> PlugAsync()
    {
        foreach (var port in _ports)
        {
            await port.AttachAsync(TestContext.Current.CancellationToken);
        }

        return this;
    }

    public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => _host.ListAsync(cancellationToken);

    public ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken) => _host.OpenAsync(location, cancellationToken);

    public void Dispose()
    {
        foreach (var port in _ports)
        {
            port.Board.Dispose();
        }
    }

    private sealed class Port(string location, SimulatedBoard board) : IUsbSocket
    {
        public string Location => location;

        public SimulatedBoard Board => board;

        public IUsbPeripheral? Peripheral => board.Peripheral;

        public ValueTask<IUsbPeripheral> AttachAsync(CancellationToken cancellationToken) => board.AttachAsync(cancellationToken);
    }
}
