using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Defuse.Platform.Linux;
using Defuse.Transports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Defuse.Platform.LibUsb;

/// <summary>This machine's USB through libusb-1.0.</summary>
/// <remarks>
/// libusb is started when the first device is opened or watched, and ended with the last, so that nobody has to dispose of
/// the host. A context learns of devices that come later from the operating system; where nothing tells it (Linux without
/// udev, as in containers), it sees for ever what it saw at first. So lists are made by contexts of their own, and a device
/// that is not where the operating system shows it is looked for by a fresh one.
/// </remarks>
internal sealed class LibUsbHost : IUsbHost
{
    /// <summary>The driver that Linux shows at an interface that a program has claimed.</summary>
    public const string UserSpaceDriver = "usbfs";

    private readonly ILibUsb _native;
    private readonly IUsbInventory? _inventory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);
    private LibUsbSession? _session;

    /// <param name="native">libusb.</param>
    /// <param name="inventory">What the operating system tells beside it; may be null.</param>
    /// <param name="time">The clock that waits for devices are measured on.</param>
    /// <param name="logger">Told of trouble that does not fail a call; may be null.</param>
    public LibUsbHost(ILibUsb native, IUsbInventory? inventory, TimeProvider time, ILogger? logger = null)
    {
        _native = native;
        _inventory = inventory;
        _time = time;
        _logger = logger ?? NullLogger.Instance;
    }

    public async ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken)
    {
        var missing = _native.Missing;
        if (missing is not null && _inventory is null)
        {
            throw LibUsbErrors.Of(missing);
        }

        var seen = missing is null && _inventory is not { IsComplete: true }
            ? await Task.Run(ListByLibUsb, cancellationToken).ConfigureAwait(false)
            : [];
        var told = _inventory is null ? [] : await _inventory.ListAsync(cancellationToken).ConfigureAwait(false);
        var byLocation = new Dictionary<string, UsbDeviceInfo>(StringComparer.Ordinal);
        foreach (var device in seen)
        {
            // One that left may still be there beside the one that came.
            byLocation[device.Location] = device;
        }

        var devices = new List<UsbDeviceInfo>();
        foreach (var device in told)
        {
            var merged = byLocation.Remove(device.Location, out var other) ? Merge(device, other) : device;
            devices.Add(merged with { Problem = Problem(merged, missing) });
        }

        devices.AddRange(byLocation.Values);
        devices.Sort((one, other) => string.CompareOrdinal(one.Location, other.Location));
        return devices;
    }

    public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(location);
        var known = _inventory is null ? null : await _inventory.FindAsync(location, cancellationToken).ConfigureAwait(false);
        if (known is null && _inventory is { IsComplete: true })
        {
            throw LibUsbErrors.NotThere(location);
        }

        if ((known is null ? _native.Missing : Problem(known, _native.Missing)) is { } problem)
        {
            throw LibUsbErrors.Of(problem);
        }

        var device = await Task.Run(() => OpenDeviceAsync(location, known), cancellationToken).ConfigureAwait(false);
        try
        {
            if (device.Info is { Product: null } or { SerialNumber: null } && _inventory is not { IsComplete: true })
            {
                await device.ReadStringsAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            await device.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        Log.Opened(_logger, location);
        return device;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// libusb says at once that something changed, where it can. Rights and drivers change without a word, and so does
    /// everything where there is no udev, so lists are compared besides.
    /// </remarks>
    public async IAsyncEnumerable<IReadOnlyList<UsbDeviceInfo>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var session = _native.Missing is null ? await Task.Run(() => Acquire(isFresh: false).Session, cancellationToken).ConfigureAwait(false) : null;

        // Changes that come together make one list.
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void Changed() => changes.Writer.TryWrite(true);
        try
        {
            session?.Watch(Changed);
            IReadOnlyList<UsbDeviceInfo>? last = null;
            while (true)
            {
                var devices = await ListAsync(cancellationToken).ConfigureAwait(false);
                if (last is null || !UsbListPolling.AreSame(last, devices))
                {
                    yield return devices;
                    last = devices;
                }

                await NextAsync(changes.Reader, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            session?.Unwatch(Changed);
            await (session?.ReleaseAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }
    }

    private async ValueTask NextAsync(ChannelReader<bool> changes, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var change = changes.WaitToReadAsync(enough.Token).AsTask();
        await Task.WhenAny(change, Task.Delay(UsbListPolling.Interval, _time, enough.Token)).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        await ((Task)change).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        changes.TryRead(out _);
    }

    private List<UsbDeviceInfo> ListByLibUsb()
    {
        using var context = LibUsbContext.Create(_native);
        return LibUsbDevices.List(_native, context);
    }

    /// <summary>What both tell. The inventory was asked later: where the two saw different devices, it has the newer one.</summary>
    private static UsbDeviceInfo Merge(UsbDeviceInfo told, UsbDeviceInfo seen) =>
        (told.VendorId, told.ProductId) != (seen.VendorId, seen.ProductId)
            ? told
            : seen with { Manufacturer = told.Manufacturer, Product = told.Product, SerialNumber = told.SerialNumber, Problem = told.Problem };

    private AccessProblem? Problem(UsbDeviceInfo device, AccessProblem? missing)
    {
        if (device.Problem is { Driver: UserSpaceDriver })
        {
            lock (_gate)
            {
                return _open.ContainsKey(device.Location) ? null : device.Problem;
            }
        }

        return missing is null || device.Problem is { Driver: UsbIpExport.Driver } ? device.Problem
            : OperatingSystem.IsLinux() ? missing with { Remedy = $"{missing.Remedy}; or export the board over USB/IP: {UsbIpExport.Remedy(device.Location)}" }
            : missing;
    }

    private async Task<LibUsbDevice> OpenDeviceAsync(string location, UsbDeviceInfo? known)
    {
        for (var isFresh = false; ; isFresh = true)
        {
            var (session, isNew) = Acquire(isFresh);
            try
            {
                var found = session.Find(location);
                using var reference = found?.Reference;
                if (found is { } device && (known?.DeviceAddress is not { } address || _inventory is not { IsComplete: true } || address == device.Info.DeviceAddress))
                {
                    var info = known is null ? device.Info : Merge(known, device.Info) with { Problem = null };
                    var handle = LibUsbDeviceHandle.Open(_native, device.Reference, out var error) ?? throw LibUsbErrors.Opening(error, info);
                    Count(location, 1);
                    var opened = session;
                    session = null;
                    return new LibUsbDevice(_native, handle, info, _time, _logger, () => ClosedAsync(location, opened));
                }

                if (isNew)
                {
                    throw LibUsbErrors.NotThere(location);
                }
            }
            finally
            {
                await (session?.ReleaseAsync() ?? Task.CompletedTask).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask ClosedAsync(string location, LibUsbSession session)
    {
        Count(location, -1);
        await session.ReleaseAsync().ConfigureAwait(false);
    }

    private void Count(string location, int more)
    {
        lock (_gate)
        {
            var count = _open.GetValueOrDefault(location) + more;
            if (count > 0)
            {
                _open[location] = count;
            }
            else
            {
                _open.Remove(location);
            }
        }
    }

    private (LibUsbSession Session, bool IsNew) Acquire(bool isFresh)
    {
        lock (_gate)
        {
            if (!isFresh && _session is { } current && current.TryAcquire())
            {
                return (current, false);
            }

            _session = new LibUsbSession(_native, _logger);
            return (_session, true);
        }
    }
}
