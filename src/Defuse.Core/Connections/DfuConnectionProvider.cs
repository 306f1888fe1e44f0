using System.Runtime.CompilerServices;
using Defuse.Devices;
using Defuse.Entering;
using Defuse.Targets;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Connections;

/// <summary>Boards in DFU mode on a USB host: <c>dfu:usb-1-4.2</c>, <c>dfu:serial=205B33875532</c>.</summary>
public sealed class DfuConnectionProvider : IUsbConnectionProvider, IEnteringConnectionProvider
{
    private const string PortPrefix = "usb-";
    private const string SerialPrefix = "serial=";

    private readonly IUsbHost _host;
    private readonly ChipDatabase _chips;
    private readonly EntrySettings? _entering;
    private readonly ConditionalWeakTable<ITarget, BoardPlace> _places = [];

    /// <param name="host">Where the devices are.</param>
    /// <param name="chips">The chips that they may be.</param>
    /// <param name="entering">How boards get to DFU mode that run their program; null if they are only told to detach.</param>
    public DfuConnectionProvider(IUsbHost host, ChipDatabase chips, EntrySettings? entering = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(chips);
        _host = host;
        _chips = chips;
        _entering = entering;
    }

    /// <inheritdoc/>
    public string Scheme => "dfu";

    /// <inheritdoc/>
    public ProgramEntry Entry => _entering?.When ?? ProgramEntry.Never;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        return Boards(await _host.ListAsync(cancellationToken).ConfigureAwait(false), scope);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<BoardInfo>> WatchAsync(
        ConnectionAddress? scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var devices in _host.WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return Boards(devices, scope);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        var location = await LocationAsync(address, cancellationToken).ConfigureAwait(false);
        return _entering is not null && await _entering.Entrance.FindAtAsync(location, cancellationToken).ConfigureAwait(false) is { } board
            && (board.Ways.Length > 0 || board.Device?.Problem is null)
            ? await OpenAsync(board, cancellationToken).ConfigureAwait(false)
            : await OpenAtAsync(location, address, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public BoardPlace? PlaceOf(ITarget target) => _places.TryGetValue(target, out var place) ? place : null;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RunningBoardInfo>> ListRunningAsync(CancellationToken cancellationToken)
    {
        if (_entering is null)
        {
            return [];
        }

        var boards = await _entering.Entrance.FindAsync(cancellationToken).ConfigureAwait(false);
        return [.. boards.Where(x => x is { IsAskedUnnamed: true, Device: not null }).Select(x => new RunningBoardInfo(AddressOf(x.Device!), x))];
    }

    /// <inheritdoc/>
    public async ValueTask<DfuReady> EnterDfuAsync(
        ConnectionAddress address, EntryOptions options, IProgress<EntryEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (_entering is null)
        {
            throw new InvalidOperationException("This provider was made without what takes boards to DFU mode.");
        }

        var location = await LocationAsync(address, cancellationToken).ConfigureAwait(false);
        if (await _entering.Entrance.FindAtAsync(location, cancellationToken).ConfigureAwait(false) is { } board)
        {
            return await EnterAsync(board, options, progress, cancellationToken).ConfigureAwait(false);
        }

        var devices = await _host.ListAsync(cancellationToken).ConfigureAwait(false);
        return devices.Any(x => string.Equals(x.Location, location, StringComparison.Ordinal))
            ? new DfuReady(address, Way: null, Was: null, TimeSpan.Zero)
            : throw new ConnectionException(ConnectionFailure.NoDevice, $"{address} is not there: nothing is plugged in at USB port {location}", "defuse list shows what is there");
    }

    /// <summary>Takes a board to DFU mode.</summary>
    internal async ValueTask<DfuReady> EnterAsync(RunningBoard board, EntryOptions options, IProgress<EntryEvent>? progress, CancellationToken cancellationToken)
    {
        var entry = await _entering!.Entrance.EnterAsync(board, options, progress, cancellationToken).ConfigureAwait(false);
        return new DfuReady(AddressOf(entry.Device), entry.Way, board, entry.Elapsed);
    }

    /// <summary>Opens a board that runs its program: takes it to DFU mode first.</summary>
    internal async ValueTask<ITarget> OpenAsync(RunningBoard board, CancellationToken cancellationToken)
    {
        if (_entering!.When == ProgramEntry.Never)
        {
            throw EntrySettings.LeftAlone(board);
        }

        var ready = await EnterAsync(board, EntryOptions.Default, _entering.Progress, cancellationToken).ConfigureAwait(false);
        var location = ready.Address.Path[PortPrefix.Length..];
        return await OpenAtAsync(location, ready.Address, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ITarget> OpenAtAsync(string location, ConnectionAddress address, CancellationToken cancellationToken)
    {
        var target = await DfuDevice.OpenAsync(_host, location, address.ToString(), _chips, cancellationToken).ConfigureAwait(false);
        if (_entering is null)
        {
            return target;
        }

        var devices = await _host.ListAsync(cancellationToken).ConfigureAwait(false);
        var deviceAddress = devices.FirstOrDefault(x => string.Equals(x.Location, location, StringComparison.Ordinal))?.DeviceAddress;
        _places.Add(target, _entering.Entrance.PlaceAt(location, deviceAddress));
        return target;
    }

    /// <inheritdoc/>
    public async ValueTask<(IUsbHost Host, string Location)> LocateAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        return (_host, await LocationAsync(address, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>A USB device, as catalogues list it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="address">The address that it is opened by.</param>
    public static BoardInfo Describe(UsbDeviceInfo device, ConnectionAddress address)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new BoardInfo
        {
            Address = address,
            Name = device.Product ?? (IsUnidentified(device) ? "unknown device" : "DFU device"),
            UsbId = IsUnidentified(device) ? null : $"{device.VendorId:x4}:{device.ProductId:x4}",
            SerialNumber = DfuDevice.SerialNumberOf(device),
            DeviceAddress = device.DeviceAddress,
            RunsProgram = !DfuTarget.IsDfu(device),
            Access = device.Problem?.Failure,
            Driver = device.Problem?.Driver,
            Problem = device.Problem?.Reason,
            Remedy = device.Problem?.Remedy,
        };
    }

    private IReadOnlyList<BoardInfo> Boards(IReadOnlyList<UsbDeviceInfo> devices, ConnectionAddress? scope) =>
    [
        .. devices
            .Where(x => DfuTarget.IsDfu(x) || DfuDevice.RunsProgram(x) || IsUnidentified(x))
            .Select(x => Describe(x, AddressOf(x)))
            .Where(x => scope is null || scope.Path.Length == 0 || IsAt(x, scope)),
    ];

    private ConnectionAddress AddressOf(UsbDeviceInfo device) => ConnectionAddress.Of(Scheme, PortPrefix + device.Location);

    // Windows gives a device that did not answer the vendor id 0.
    private static bool IsUnidentified(UsbDeviceInfo device) => device is { VendorId: 0, Problem.Failure: AccessFailure.EnumerationFailed };

    private static bool IsAt(BoardInfo board, ConnectionAddress address) => address.Path.StartsWith(SerialPrefix, StringComparison.Ordinal)
        ? string.Equals(board.SerialNumber, address.Path[SerialPrefix.Length..], StringComparison.OrdinalIgnoreCase)
        : string.Equals(board.Address.Path, address.Path, StringComparison.Ordinal);

    private async ValueTask<string> LocationAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        if (address.Path.StartsWith(PortPrefix, StringComparison.Ordinal))
        {
            return address.Path[PortPrefix.Length..];
        }

        if (!address.Path.StartsWith(SerialPrefix, StringComparison.Ordinal))
        {
            throw new ConnectionException(
                ConnectionFailure.BadAddress, $"'{address}' names no USB port and no serial number", "write dfu:usb-PORTS or dfu:serial=SERIAL; defuse list shows what is there");
        }

        var serial = address.Path[SerialPrefix.Length..];
        var devices = await _host.ListAsync(cancellationToken).ConfigureAwait(false);
        var matching = devices.Where(x => DfuTarget.IsDfu(x) && string.Equals(DfuDevice.SerialNumberOf(x), serial, StringComparison.OrdinalIgnoreCase)).ToList();
        if (matching.Count == 0 && _entering is not null)
        {
            var running = await _entering.Entrance.FindAsync(cancellationToken).ConfigureAwait(false);
            matching = [.. running.Select(x => x.Device).OfType<UsbDeviceInfo>().Where(x => string.Equals(x.SerialNumber, serial, StringComparison.OrdinalIgnoreCase))];
        }

        return matching.Count switch
        {
            1 => matching[0].Location,
            0 => throw new ConnectionException(ConnectionFailure.NoDevice, $"no board in DFU mode has the serial number {serial}", "defuse list shows what is there"),
            _ => throw new ConnectionException(
                ConnectionFailure.SeveralDevices,
                $"{matching.Count} boards have the serial number {serial}",
                $"name one by its port: {string.Join(", ", matching.Select(x => $"{Scheme}:{PortPrefix}{x.Location}"))}"),
        };
    }
}
