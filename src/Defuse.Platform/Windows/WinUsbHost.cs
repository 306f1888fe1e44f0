using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Defuse.Transports;
using Microsoft.Extensions.Logging;

namespace Defuse.Platform.Windows;

/// <summary>Windows' own USB: sees every board, and opens those that WinUSB, or libusbK with its library, is bound to.</summary>
/// <param name="native">The calls that open devices.</param>
/// <param name="inventory">What is there.</param>
/// <param name="time">The clock of its devices.</param>
/// <param name="logger">Is told of what was worked around.</param>
internal sealed class WinUsbHost(IWinUsbNative native, WindowsInventory inventory, TimeProvider time, ILogger? logger = null) : IUsbHost
{
    // Windows tells of a device, of each of its functions and of their drivers one by one.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(30);

    // Should a change go untold.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => inventory.ListAsync(cancellationToken);

    public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(location);
        var devices = await inventory.DevicesAsync(cancellationToken).ConfigureAwait(false);
        var device = devices.FirstOrDefault(x => string.Equals(x.Info.Location, location, StringComparison.OrdinalIgnoreCase))
            ?? throw new TransportException(
                TransportFailure.Disconnected, $"nothing that speaks DFU is plugged in at {location}", "`defuse list` shows what is plugged in, and where");
        if (device.Info.Problem is { } problem)
        {
            throw CannotOpen(problem);
        }

        return await Task.Run(() => Open(device), cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<IReadOnlyList<UsbDeviceInfo>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var registration = inventory.WhenChanged(() => changes.Writer.TryWrite(true));
        if (registration is null)
        {
            await foreach (var devices in UsbListPolling.WatchAsync(this, time, cancellationToken).ConfigureAwait(false))
            {
                yield return devices;
            }
        }

        IReadOnlyList<UsbDeviceInfo>? last = null;
        while (true)
        {
            var devices = await ListAsync(cancellationToken).ConfigureAwait(false);
            if (last is null || !UsbListPolling.AreSame(last, devices))
            {
                yield return devices;
                last = devices;
            }

            if (await IsChangedAsync(changes.Reader, cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(Settling, time, cancellationToken).ConfigureAwait(false);
                changes.Reader.TryRead(out _);
            }
        }
    }

    private async ValueTask<bool> IsChangedAsync(ChannelReader<bool> changes, CancellationToken cancellationToken)
    {
        try
        {
            return await changes.WaitToReadAsync(cancellationToken).AsTask().WaitAsync(LookInterval, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private WinUsbDevice Open(WindowsUsbDevice device)
    {
        var function = device.Main;
        ImmutableArray<string> paths = inventory.PathsOf(function);
        if (paths.IsEmpty)
        {
            throw inventory.IsPresent(device.InstanceId)
                ? CannotOpen(WindowsAccess.NoInterface(device.Info, function))
                : new TransportException(TransportFailure.Disconnected, "the device left the bus while it was opened");
        }

        var library = native.Library(function.Service!)
            ?? throw new TransportException(
                TransportFailure.CannotOpen, $"{function.Service} is bound to it, and the library that opens such devices is not there", "Run Windows' own repair (`sfc /scannow`): winusb.dll is a part of it");
        return new WinUsbDevice(
            native, library, device.Info, paths, function.FirstInterface ?? 0, () => inventory.IsPresent(device.InstanceId), time, logger);
    }

    private static TransportException CannotOpen(AccessProblem problem) => new(TransportFailure.CannotOpen, problem.Reason, problem.Remedy);
}
