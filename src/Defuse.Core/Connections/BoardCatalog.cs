using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Defuse.Diagnostics;
using Defuse.Targets;
using Defuse.Targets.Dfu.Capturing;

namespace Defuse.Connections;

/// <summary>Finds boards, whichever way they are connected, and opens them.</summary>
/// <remarks>Safe to use from several threads.</remarks>
public sealed partial class BoardCatalog
{
    private static readonly TimeSpan WaitInterval = TimeSpan.FromMilliseconds(250);

    private readonly ImmutableArray<IConnectionProvider> _providers;
    private readonly TimeProvider _time;
    private readonly IHostInventorySource? _inventory;

    /// <param name="providers">The ways to reach boards; no two with the same scheme.</param>
    /// <param name="time">The clock that waiting goes by.</param>
    /// <param name="inventory">Tells what is plugged into this computer, in DFU mode or not; null if nobody does.</param>
    public BoardCatalog(IEnumerable<IConnectionProvider> providers, TimeProvider time, IHostInventorySource? inventory = null)
    {
        ArgumentNullException.ThrowIfNull(providers);
        ArgumentNullException.ThrowIfNull(time);
        _providers = [.. providers];
        _time = time;
        _inventory = inventory;
        if (_providers.DistinctBy(x => x.Scheme, StringComparer.Ordinal).Count() != _providers.Length)
        {
            throw new ArgumentException("Two providers have the same scheme.", nameof(providers));
        }
    }

    /// <summary>The boards that are there, and those that can be simulated.</summary>
    /// <param name="scope">Where to look; null for wherever can be looked without being told.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>
    /// Where something stands in the way of all boards of one kind (libusb is not installed), an entry without a path ("dfu:") whose
    /// <see cref="BoardInfo.Problem"/> says what, so that the others are listed all the same.
    /// </returns>
    /// <exception cref="DefuseException">It cannot be looked in the scope that was named.</exception>
    public async ValueTask<ImmutableArray<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        var boards = ImmutableArray.CreateBuilder<BoardInfo>();
        foreach (var provider in scope is null ? _providers : [ProviderOf(scope)])
        {
            try
            {
                boards.AddRange(await provider.ListAsync(scope, cancellationToken).ConfigureAwait(false));
            }
            catch (TransportException e) when (scope is null)
            {
                boards.Add(new BoardInfo
                {
                    Address = ConnectionAddress.Of(provider.Scheme, ""),
                    Name = "boards that cannot be seen",
                    Problem = e.Message,
                    Remedy = e.Remedy,
                });
            }
            catch (TransportException e) when (e.Failure == TransportFailure.CannotOpen)
            {
                throw CannotLook(e);
            }
        }

        return boards.ToImmutable();
    }

    /// <summary>The boards that are there, as arrived; then every board that comes, goes or changes, until it is cancelled.</summary>
    /// <param name="scope">Where to look; null for wherever can be looked without being told.</param>
    /// <param name="cancellationToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="DefuseException">It cannot be looked there.</exception>
    public async IAsyncEnumerable<BoardChange> WatchAsync(ConnectionAddress? scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var providers = scope is null ? _providers : [ProviderOf(scope)];
        var lists = Channel.CreateUnbounded<(int Provider, IReadOnlyList<BoardInfo> Boards)>(new UnboundedChannelOptions { SingleReader = true });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watches = providers.Select((provider, number) => PassOnAsync(provider, number)).ToList();
        try
        {
            var known = Enumerable.Repeat<IReadOnlyList<BoardInfo>>([], providers.Length).ToArray();
            await foreach (var (number, boards) in lists.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                foreach (var change in BoardChange.Between(known[number], boards))
                {
                    yield return change;
                }

                known[number] = boards;
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(watches).ConfigureAwait(false);
        }

        async Task PassOnAsync(IConnectionProvider provider, int number)
        {
            try
            {
                await foreach (var boards in provider.WatchAsync(scope, ending.Token).ConfigureAwait(false))
                {
                    lists.Writer.TryWrite((number, boards));
                }
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                // As it was told.
            }
#pragma warning disable CA1031 // Whoever reads the changes gets it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                lists.Writer.TryComplete(e is TransportException { Failure: TransportFailure.CannotOpen } closed ? CannotLook(closed) : e);
            }
        }
    }

    /// <summary>The devices with a DFU interface, and what their descriptors say; each is opened for that, and left as it is.</summary>
    /// <param name="scope">A device, or where to look; null for wherever can be looked without being told. Simulated boards are there when they are named.</param>
    /// <param name="isMeant">Which ones: the others are not opened. Null for all.</param>
    /// <param name="cancellationToken">Stops between devices.</param>
    /// <returns>Also those that cannot be opened or read, with the reason.</returns>
    /// <exception cref="DefuseException">It cannot be looked there.</exception>
    public async ValueTask<ImmutableArray<DfuListing>> ListDfuAsync(
        ConnectionAddress? scope, Func<BoardInfo, bool>? isMeant, CancellationToken cancellationToken)
    {
        var listings = ImmutableArray.CreateBuilder<DfuListing>();
        foreach (var address in await DfuAddressesAsync(scope, isMeant ?? (_ => true), cancellationToken).ConfigureAwait(false))
        {
            if (ProviderOf(address) is IUsbConnectionProvider provider)
            {
                var (host, location) = await provider.LocateAsync(address, cancellationToken).ConfigureAwait(false);
                if (await DfuLister.ReadAsync(host, location, address, cancellationToken).ConfigureAwait(false) is { } listing)
                {
                    listings.Add(listing);
                }
            }
        }

        return listings.ToImmutable();
    }

    /// <summary>Looks at boards in DFU mode: asks each in which condition it and its chip are, and leaves it as it was.</summary>
    /// <param name="scope">A device, or where to look; null for wherever can be looked without being told. Simulated boards are there when they are named.</param>
    /// <param name="timeout">How long one device may take.</param>
    /// <param name="cancellationToken">Stops between devices, and waiting for one.</param>
    /// <returns>
    /// Of a device that fails, what was found out until then, and <see cref="DfuCondition.Problem"/>. Without a scope, devices that are known
    /// not to open and those that run their program are left alone.
    /// </returns>
    /// <exception cref="DefuseException">It cannot be looked there.</exception>
    public async ValueTask<ImmutableArray<ExaminedDevice>> ExamineAsync(ConnectionAddress? scope, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (scope is not null && ProviderOf(scope) is not IUsbConnectionProvider)
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, $"{scope} is no USB device: there is nothing to look at", "name a board by its USB port, as defuse list has it, or none, to look at all that is plugged in");
        }

        var examined = ImmutableArray.CreateBuilder<ExaminedDevice>();
        var addresses = await DfuAddressesAsync(scope, x => scope is not null || x is { Problem: null, RunsProgram: false }, cancellationToken).ConfigureAwait(false);
        foreach (var address in addresses)
        {
            if (ProviderOf(address) is IUsbConnectionProvider provider)
            {
                var (host, location) = await provider.LocateAsync(address, cancellationToken).ConfigureAwait(false);
                if (await DfuExaminer.ExamineAsync(host, location, address, timeout, _time, cancellationToken).ConfigureAwait(false) is { } device)
                {
                    examined.Add(device);
                }
            }
        }

        return examined.ToImmutable();
    }

    // Simulated boards are kinds of boards, until one is named; and its options are part of its name.
    private async ValueTask<IEnumerable<ConnectionAddress>> DfuAddressesAsync(
        ConnectionAddress? scope, Func<BoardInfo, bool> isMeant, CancellationToken cancellationToken)
    {
        var boards = await ListSeenAsync(scope, cancellationToken).ConfigureAwait(false);
        return scope is { Path.Length: > 0 } && boards.All(x => x.IsSimulated)
            ? [scope]
            : boards.Where(x => x is { IsSimulated: false, IsUnidentified: false } && isMeant(x)).Select(x => x.Address);
    }

    // For whoever has to know all boards.
    private async ValueTask<ImmutableArray<BoardInfo>> ListSeenAsync(ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        var boards = await ListAsync(scope, cancellationToken).ConfigureAwait(false);
        return boards.FirstOrDefault(x => x is { Address.Path.Length: 0, Problem: not null }) is not { } unseen
            ? boards
            : throw new ConnectionException(ConnectionFailure.CannotOpen, unseen.Problem!, unseen.Remedy);
    }

    /// <summary>Opens a board.</summary>
    /// <param name="address">Which; null for the only one that is there.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ConnectionException">There is none, there are several, or it cannot be opened.</exception>
    /// <exception cref="DefuseException">It was opened and then failed.</exception>
    public async ValueTask<ITarget> OpenAsync(ConnectionAddress? address, CancellationToken cancellationToken)
    {
        address ??= await OnlyOneAsync(cancellationToken).ConfigureAwait(false);
        return await ReachAsync(address, provider => provider.OpenAsync(address, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Records how a board's bootloader behaves; what is not in the scratch range stays as it is.</summary>
    /// <param name="address">Which; null for the only one that is there.</param>
    /// <param name="output">Takes JSON lines, one by one.</param>
    /// <param name="options">What is captured.</param>
    /// <param name="cancellationToken">Stops between two things that are found out.</param>
    /// <returns>How many transfers were recorded.</returns>
    /// <exception cref="ConnectionException">There is none, there are several, it cannot be opened, or it is no USB device.</exception>
    /// <exception cref="DefuseException">It was opened and then failed; what was recorded until then is whole.</exception>
    public async ValueTask<int> CaptureAsync(
        ConnectionAddress? address, Stream output, CaptureOptions options, CancellationToken cancellationToken)
    {
        address ??= await OnlyOneAsync(cancellationToken).ConfigureAwait(false);
        if (ProviderOf(address) is not IUsbConnectionProvider provider)
        {
            throw new ConnectionException(ConnectionFailure.BadAddress, $"{address} is no USB device: there is nothing to capture", "name a board in DFU mode");
        }

        return await ReachAsync(
            address,
            async _ =>
            {
                var (host, location) = await provider.LocateAsync(address, cancellationToken).ConfigureAwait(false);
                return await DfuCapture.RunAsync(host, location, output, options, cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    private async ValueTask<T> ReachAsync<T>(ConnectionAddress address, Func<IConnectionProvider, ValueTask<T>> reach)
    {
        try
        {
            return await reach(ProviderOf(address)).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.CannotOpen)
        {
            throw new ConnectionException(ConnectionFailure.CannotOpen, $"{address} cannot be opened: {e.Message}", e.Remedy, e);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Disconnected)
        {
            throw new ConnectionException(ConnectionFailure.NoDevice, $"{address} is not there: {e.Message}", e.Remedy ?? "defuse list shows what is there", e);
        }
    }

    /// <summary>Opens a board as soon as it is there.</summary>
    /// <param name="address">Which; null for the only one.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ConnectionException">There are several, or it is there and cannot be opened.</exception>
    public async ValueTask<ITarget> WaitAsync(ConnectionAddress? address, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await OpenAsync(address, cancellationToken).ConfigureAwait(false);
            }
            catch (ConnectionException e) when (e.Failure == ConnectionFailure.NoDevice)
            {
                await Task.Delay(WaitInterval, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<ConnectionAddress> OnlyOneAsync(CancellationToken cancellationToken)
    {
        // A program that offers DFU may be that of a Bluetooth adapter: it is left only when it is named.
        var boards = (await ListSeenAsync(null, cancellationToken).ConfigureAwait(false)).Where(x => x is { IsSimulated: false, RunsProgram: false }).ToList();
        return boards.Count switch
        {
            1 => boards[0].Address,
            0 => await OnlyRunningOneAsync(cancellationToken).ConfigureAwait(false),
            _ => throw new ConnectionException(
                ConnectionFailure.SeveralDevices,
                $"{boards.Count} boards were found",
                $"name one: {string.Join(", or ", boards.Select(x => $"--device {x.Address}"))}"),
        };
    }

    private static ConnectionException CannotLook(TransportException e) => new(ConnectionFailure.CannotOpen, e.Message, e.Remedy, e);

    private IConnectionProvider ProviderOf(ConnectionAddress address) =>
        _providers.FirstOrDefault(x => string.Equals(x.Scheme, address.Scheme, StringComparison.Ordinal))
        ?? throw new ConnectionException(
            ConnectionFailure.BadAddress,
            $"'{address}' is no address that this version can open",
            $"it opens {string.Join(", ", _providers.Select(x => $"{x.Scheme}:"))}");
}
