using System.Globalization;
using System.Runtime.CompilerServices;
using Defuse.Connections;
using Defuse.Devices;
using Defuse.Targets;
using Defuse.Targets.Dfu;
using Defuse.Transports;
using Defuse.UsbIp;
using Microsoft.Extensions.Logging;

namespace Defuse;

/// <summary>Boards that a USB/IP server exports: <c>usbip://HOST[:PORT]/BUSID</c>.</summary>
internal sealed class UsbIpConnectionProvider(ChipDatabase chips, TimeProvider time, ILogger? logger, Func<IUsbHost, IUsbHost> trace) : IUsbConnectionProvider
{
    public const string SchemeName = "usbip";

    public string Scheme => SchemeName;

    // Without a server to ask there is nowhere to look.
    public async ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        if (scope is null)
        {
            return [];
        }

        var (host, server, busId) = Parse(scope);
        return Boards(await host.ListAsync(cancellationToken).ConfigureAwait(false), server, busId);
    }

    // The protocol tells of no change: lists are compared.
    public async IAsyncEnumerable<IReadOnlyList<BoardInfo>> WatchAsync(ConnectionAddress? scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (scope is null)
        {
            yield return [];
            yield break;
        }

        var (host, server, busId) = Parse(scope);
        await foreach (var devices in UsbListPolling.WatchAsync(new LastingHost(host), time, cancellationToken).ConfigureAwait(false))
        {
            yield return Boards(devices, server, busId);
        }
    }

    public async ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        var (host, busId) = await LocateAsync(address, cancellationToken).ConfigureAwait(false);
        var (_, server, _) = Parse(address);
        return await DfuDevice.OpenAsync(host, busId, $"{Scheme}://{server}/{busId}", chips, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<(IUsbHost Host, string Location)> LocateAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        var (host, server, busId) = Parse(address);
        return (host, busId.Length == 0 ? await OnlyOneAsync(host, server, cancellationToken).ConfigureAwait(false) : busId);
    }

    private IReadOnlyList<BoardInfo> Boards(IReadOnlyList<UsbDeviceInfo> devices, string server, string busId) =>
    [
        .. devices
            .Where(x => (DfuTarget.IsDfu(x) || DfuDevice.RunsProgram(x)) && (busId.Length == 0 || string.Equals(busId, x.Location, StringComparison.Ordinal)))
            .Select(x => DfuConnectionProvider.Describe(x, ConnectionAddress.Of(Scheme, $"{server}/{x.Location}"))),
    ];

    private static async ValueTask<string> OnlyOneAsync(IUsbHost host, string server, CancellationToken cancellationToken)
    {
        var devices = (await host.ListAsync(cancellationToken).ConfigureAwait(false)).Where(DfuTarget.IsDfu).ToList();
        return devices.Count switch
        {
            1 => devices[0].Location,
            0 => throw new ConnectionException(
                ConnectionFailure.NoDevice, $"the USB/IP server {server} exports no board in DFU mode", "put the board into DFU mode and export it there: usbip bind -b BUSID"),
            _ => throw new ConnectionException(
                ConnectionFailure.SeveralDevices,
                $"the USB/IP server {server} exports {devices.Count} boards",
                $"name one: {string.Join(", or ", devices.Select(x => $"--device {SchemeName}://{server}/{x.Location}"))}"),
        };
    }

    private (IUsbHost Host, string Server, string BusId) Parse(ConnectionAddress address)
    {
        var slash = address.Path.IndexOf('/', StringComparison.Ordinal);
        var server = slash < 0 ? address.Path : address.Path[..slash];
        var busId = slash < 0 ? "" : address.Path[(slash + 1)..];
        var colon = server.LastIndexOf(':');
        var bracket = server.LastIndexOf(']');
        var port = UsbIpHost.DefaultPort;
        if (server.Length == 0
            || busId.Contains('/', StringComparison.Ordinal)
            || (colon > bracket && (!int.TryParse(server[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535)))
        {
            throw new ConnectionException(
                ConnectionFailure.BadAddress, $"'{address}' is no address of a USB/IP device", "write usbip://HOST[:PORT]/BUSID, for example usbip://127.0.0.1:3240/1-1");
        }

        var name = (colon > bracket ? server[..colon] : server).Trim('[', ']');
        return (trace(new UsbIpHost(name, port, time, logger)), server, busId);
    }

    // A server that was there once and does not answer may be there again: meanwhile it shares nothing.
    private sealed class LastingHost(IUsbHost host) : IUsbHost
    {
        private bool _hasAnswered;

        public async ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken)
        {
            try
            {
                var devices = await host.ListAsync(cancellationToken).ConfigureAwait(false);
                _hasAnswered = true;
                return devices;
            }
            catch (TransportException) when (_hasAnswered)
            {
                return [];
            }
        }

        public ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken) => host.OpenAsync(location, cancellationToken);
    }
}
