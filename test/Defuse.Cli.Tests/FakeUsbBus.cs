using Defuse.Connections;
using Defuse.Targets;
using Defuse.Transports;

namespace Defuse.Cli.Tests;

/// <summary>USB with nothing that could be opened.</summary>
internal sealed class FakeUsbBus : IUsbConnectionProvider
{
    public string Scheme => "dfu";

    public ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<BoardInfo>>([]);

    public ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken) => throw new TransportException(TransportFailure.Disconnected, "nothing is there");

    public ValueTask<(IUsbHost Host, string Location)> LocateAsync(ConnectionAddress address, CancellationToken cancellationToken) =>
        ValueTask.FromResult<(IUsbHost, string)>((new UsbPeripheralHost([]), address.Path));
}
