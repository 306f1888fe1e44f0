using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Transports;

namespace Defuse.Targets.Dfu;

/// <summary>Opens what speaks DFU, whichever kind of it.</summary>
public static class DfuDevice
{
    // Longer than any board takes to enumerate, with a slow host's driver installation to spare.
    private static readonly TimeSpan ReturnTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Serial numbers that all chips of a kind have, and that tell that kind.</summary>
    public static ImmutableArray<string> SharedSerialNumbers =>
        [.. DfuQuirkTable.Shipped.SelectMany(x => x.Serials).Where(x => x.Kind == DfuTextMatchKind.Exact).Select(x => x.Text).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a USB device runs a program that offers DFU (bInterfaceProtocol 1).</summary>
    public static bool RunsProgram(UsbDeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Interfaces.Any(DfuInterface.IsRunTime) && !device.Interfaces.Any(DfuInterface.IsInDfuMode);
    }

    /// <summary>The serial number of a device, as it is meant: some send it in another encoding than USB has.</summary>
    internal static string? SerialNumberOf(UsbDeviceInfo device) => DfuQuirks.Of(DfuTraits.Of(device)).SerialNumber(device.SerialNumber);

    /// <summary>Opens a device, and finds out what it is. One whose program offers DFU by detaching (USB DFU 1.1, section 5.1) is detached.</summary>
    /// <param name="host">The host that it is plugged into; a device that leaves to come back is looked for there.</param>
    /// <param name="location">Its <see cref="UsbDeviceInfo.Location"/>.</param>
    /// <param name="address">How it was found, for people.</param>
    /// <param name="chips">The chips that it may be.</param>
    /// <param name="cancellationToken">Stops between requests.</param>
    /// <exception cref="TransportException">It cannot be opened, does not answer, or its descriptors make no sense.</exception>
    /// <exception cref="DeviceRefusedException">It offers no DFU, or does not come to dfuIDLE.</exception>
    public static async ValueTask<ITarget> OpenAsync(
        IUsbHost host, string location, string address, ChipDatabase chips, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(chips);
        var device = await host.OpenAsync(location, cancellationToken).ConfigureAwait(false);
        try
        {
            if (await DfuTargetOpener.DetachAsync(device, cancellationToken).ConfigureAwait(false))
            {
                var back = await UsbReenumeration.ReopenAsync(
                    host, device, x => x.Interfaces.Any(DfuInterface.IsInDfuMode), ReturnTimeout, cancellationToken).ConfigureAwait(false);
                await device.DisposeAsync().ConfigureAwait(false);
                device = back;
            }

            return await DfuTargetOpener.OpenAsync(device, host, address, chips, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await device.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
