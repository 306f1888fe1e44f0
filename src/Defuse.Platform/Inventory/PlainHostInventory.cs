using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Defuse.Diagnostics;
using Defuse.Transports;

namespace Defuse.Platform.Inventory;

/// <summary>What is plugged in, where nothing but the USB host, the list of serial ports and the mounted drives tell of it: macOS.</summary>
/// <remarks>Never run on macOS. Which device a drive belongs to is not known there.</remarks>
/// <param name="serial">Lists the serial ports; null for none.</param>
/// <param name="usb">Lists the USB devices; null for none.</param>
/// <param name="drives">The folder in which drives are mounted.</param>
internal sealed class PlainHostInventory(ISerialHost? serial, IUsbHost? usb, string drives = "/Volumes") : IHostInventorySource
{
    private const byte HubClass = 0x09;

    public async ValueTask<HostInventory> CollectAsync(CancellationToken cancellationToken)
    {
        var unseen = ImmutableArray.CreateBuilder<string>();
        var devices = await TryAsync("USB devices", x => usb?.ListAsync(x)).ConfigureAwait(false);
        var ports = await TryAsync("serial ports", x => serial?.ListAsync(x)).ConfigureAwait(false);
        var volumes = ImmutableArray.CreateBuilder<SeenVolume>();
        foreach (var folder in Folders())
        {
            var volume = new SeenVolume { Path = folder, Label = DriveFiles.Clean(Path.GetFileName(folder), 64) };
            if (await DriveFiles.ReadAsync(folder, volume, cancellationToken).ConfigureAwait(false) is { } board)
            {
                volumes.Add(board);
            }
        }

        return new HostInventory
        {
            System = new HostSystem
            {
                Kind = OperatingSystem.IsMacOS() ? HostKind.MacOs : OperatingSystem.IsWindows() ? HostKind.Windows : HostKind.Other,
                Version = RuntimeInformation.OSDescription,
                IsElevated = Environment.IsPrivilegedProcess,
            },
            UsbDevices = [.. devices.Where(x => !x.Interfaces.Any(y => y.Class == HubClass)).Select(Describe)],
            SerialPorts =
            [
                .. ports.Select(x => new SeenSerialPort { Name = x.Name, UsbLocation = x.UsbLocation, InterfaceNumber = x.InterfaceNumber, Driver = x.Driver, Problem = x.Problem }),
            ],
            Volumes = volumes.ToImmutable(),
            Unseen = unseen.ToImmutable(),
        };

        async ValueTask<IReadOnlyList<T>> TryAsync<T>(string what, Func<CancellationToken, ValueTask<IReadOnlyList<T>>?> list)
        {
            try
            {
                return list(cancellationToken) is { } asked ? await asked.ConfigureAwait(false) : [];
            }
            catch (TransportException e)
            {
                unseen.Add($"The {what} cannot be listed: {e.Message}.");
                return [];
            }
        }
    }

    private static SeenUsbDevice Describe(UsbDeviceInfo device) => SeenUsbDevice.Of(device) with
    {
        Problem = device.Interfaces.Any(x => x is { Class: 0xFE, SubClass: 1 }) || device is { VendorId: 0x0483, ProductId: 0xDF11 } ? device.Problem : null,
        Hubs = device.Location.Count(x => x == '.'),
    };

    private string[] Folders()
    {
        try
        {
            return Directory.GetDirectories(drives);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
