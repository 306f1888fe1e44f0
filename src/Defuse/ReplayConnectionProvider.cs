using Defuse.Connections;
using Defuse.Devices;
using Defuse.Simulator;
using Defuse.Targets;
using Defuse.Targets.Dfu;
using Defuse.Transports.Tracing;

namespace Defuse;

/// <summary>Boards that answer as a recorded trace has it: <c>replay:FILE</c>.</summary>
internal sealed class ReplayConnectionProvider(ChipDatabase chips) : IConnectionProvider
{
    public string Scheme => "replay";

    // Files are not looked for; the one that is named is.
    public async ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        if (scope is null)
        {
            return [];
        }

        var host = await HostAsync(scope, cancellationToken).ConfigureAwait(false);
        var devices = await host.ListAsync(cancellationToken).ConfigureAwait(false);
        return [.. devices.Select(x => DfuConnectionProvider.Describe(x, scope) with { IsSimulated = true })];
    }

    public async ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        var host = await HostAsync(address, cancellationToken).ConfigureAwait(false);
        return await DfuDevice.OpenAsync(host, host.Location, address.ToString(), chips, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<ReplayUsbHost> HostAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        const string Remedy = "write replay:FILE, with a file that --trace recorded";
        if (string.IsNullOrWhiteSpace(address.Path))
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, $"'{address}' names no file", Remedy);
        }

        try
        {
            var file = new FileStream(address.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await using (file.ConfigureAwait(false))
            {
                return await ReplayUsbHost.ReadAsync(file, VirtualClock.Stepped(), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, $"{address} cannot be read: there is no file {address.Path}", Remedy, e);
        }
        catch (UnauthorizedAccessException e)
        {
            var why = Directory.Exists(address.Path) ? "it is a folder" : "this user may not read it";
            throw new ConnectionException(ConnectionFailure.BadAddress, $"{address} cannot be read: {why}", Remedy, e);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, $"{address} cannot be read: {e.Message.TrimEnd('.')}", Remedy, e);
        }
        catch (TransportException e)
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, $"{address}: {e.Message}", e.Remedy, e);
        }
    }
}
