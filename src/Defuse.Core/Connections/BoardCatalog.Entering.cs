using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Entering;
using Defuse.Targets;

namespace Defuse.Connections;

// From a board's program to its bootloader.
public sealed partial class BoardCatalog
{
    /// <summary>Takes a board from its program to DFU mode; one that is there already is left as it is.</summary>
    /// <param name="address">Which; null for the only one whose program is known, or the only one in DFU mode if there is none.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Takes what happens, in order; called on the flow that does the work.</param>
    /// <param name="cancellationToken">Stops waiting; a program that was asked may enter DFU mode all the same.</param>
    /// <exception cref="ConnectionException">There is none, there are several, or it is of a kind that cannot be asked.</exception>
    /// <exception cref="EntryException">It did not get there.</exception>
    public async ValueTask<DfuReady> EnterDfuAsync(
        ConnectionAddress? address, EntryOptions options, IProgress<EntryEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (address is null)
        {
            var running = await ListRunningAsync(cancellationToken).ConfigureAwait(false);
            address = running.Count > 0 ? Only(running) : await OnlyReadyOneAsync(cancellationToken).ConfigureAwait(false);
        }

        return ProviderOf(address) is not IEnteringConnectionProvider provider
            ? throw new ConnectionException(
                ConnectionFailure.BadAddress, $"{address} is no board that could be taken to DFU mode", "name one by its serial port or its USB port: uart:/dev/ttyACM0, uart:COM5, dfu:usb-1-4")
            : await ReachAsync(address, _ => provider.EnterDfuAsync(address, options, progress, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Which board it is that runs a program, by all that is plugged in: the ST-LINK's drive tells, or what its USB device calls itself.</summary>
    /// <param name="running">The board.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Null if that is not known.</returns>
    /// <exception cref="DefuseException">The computer cannot be asked.</exception>
    public async ValueTask<BoardProfile?> IdentifyAsync(RunningBoard running, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(running);
        if (_inventory is null)
        {
            return null;
        }

        var seen = BoardJoin.Join(await _inventory.CollectAsync(cancellationToken).ConfigureAwait(false), BoardDatabase.Default);
        return seen.FirstOrDefault(x => !x.IsProbable && (
            x.UsbDevices.Any(y => string.Equals(y.Location, running.Device?.Location, StringComparison.Ordinal))
            || x.SerialPorts.Any(y => running.Ports.Any(z => string.Equals(y.Name, z.Name, StringComparison.OrdinalIgnoreCase)))))?.Profile;
    }

    /// <summary>Looks at what comes back at a board's USB port after it was started; call it while the target is open.</summary>
    /// <param name="target">The board, as this catalogue opened it.</param>
    /// <param name="timeout">How long to wait for something, on the board's clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Null if it cannot be looked there.</returns>
    public async ValueTask<BoardReturn?> WatchReturnAsync(ITarget target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var place = _providers.OfType<IEnteringConnectionProvider>().Select(x => x.PlaceOf(target)).FirstOrDefault(x => x is not null);
        return place is null ? null : await ReturnWatch.WatchAsync(place, UsbIdDatabase.Default, timeout, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ConnectionAddress> OnlyReadyOneAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await OnlyOneAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionException e) when (e.Failure == ConnectionFailure.NoDevice)
        {
            throw new ConnectionException(
                ConnectionFailure.NoDevice,
                "no board was found that runs a program which is known, and none in DFU mode",
                "connect one by its own USB socket, or name it by its serial port: --device uart:/dev/ttyACM0, --device uart:COM5 (`defuse doctor` says what it sees)",
                e);
        }
    }

    // A program that is not known is never asked unless its board is named.
    private async ValueTask<ConnectionAddress> OnlyRunningOneAsync(CancellationToken cancellationToken)
    {
        var running = _providers.OfType<IEnteringConnectionProvider>().Any(x => x.Entry == ProgramEntry.OnlyOne)
            ? await ListRunningAsync(cancellationToken).ConfigureAwait(false)
            : [];
        return running.Count > 0
            ? Only(running)
            : throw new ConnectionException(
                ConnectionFailure.NoDevice,
                "no board in DFU mode was found",
                "connect one with BOOT0 high (`defuse doctor` says how, for the boards that it sees), name one with --device, or try a simulated one: --device sim:nucleo-f767zi");
    }

    private async ValueTask<List<RunningBoardInfo>> ListRunningAsync(CancellationToken cancellationToken)
    {
        var running = new List<RunningBoardInfo>();
        foreach (var provider in _providers.OfType<IEnteringConnectionProvider>())
        {
            running.AddRange(await provider.ListRunningAsync(cancellationToken).ConfigureAwait(false));
        }

        return running;
    }

    private static ConnectionAddress Only(List<RunningBoardInfo> running) => running.Count == 1
        ? running[0].Address
        : throw new ConnectionException(
            ConnectionFailure.SeveralDevices,
            $"{running.Count} boards run a program that can be asked for DFU mode: {string.Join(", ", running.Select(x => x.Board.Title))}",
            $"name one: {string.Join(", or ", running.Select(x => $"--device {x.Address}"))}");
}
