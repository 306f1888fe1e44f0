using System.Collections.Immutable;
using System.Runtime.Versioning;
using Defuse.Diagnostics;
using Defuse.Platform.Inventory;
using Defuse.Platform.Serial;
using Defuse.Transports;

namespace Defuse.Platform.Linux;

/// <summary>All that Linux tells of what is plugged in, without opening it.</summary>
/// <param name="place">The Linux.</param>
/// <param name="serial">Lists the serial ports; null for none.</param>
/// <param name="lookAtPrograms">Whether to go through all processes.</param>
internal sealed class LinuxHostInventory(LinuxPlace place, ISerialHost? serial, bool lookAtPrograms = true) : IHostInventorySource
{
    private const byte HubClass = 0x09;

    // A string descriptor has 126 characters at most (USB 2.0, section 9.6.7).
    private const int LongestText = 126;

    private readonly SysfsInventory _sysfs = new(place.At("sys/bus/usb/devices"), "/dev/bus/usb", place.Access);

    /// <summary>This machine's.</summary>
    [SupportedOSPlatform("linux")]
    public static LinuxHostInventory Create(ISerialHost? serial, bool lookAtPrograms) =>
        new(new LinuxPlace("/", SysfsInventory.Access, x => SerialNode.Read(x).Group, Environment.GetEnvironmentVariable, Environment.ProcessId), serial, lookAtPrograms);

    public async ValueTask<HostInventory> CollectAsync(CancellationToken cancellationToken)
    {
        var unseen = ImmutableArray.CreateBuilder<string>();
        var devices = (await _sysfs.DescribeAllAsync(cancellationToken).ConfigureAwait(false)).Where(x => !x.Interfaces.Any(y => y.Class == HubClass)).ToList();
        var ports = await PortsAsync(unseen, cancellationToken).ConfigureAwait(false);
        var nodes = devices.Select(x => x.Node).Concat(ports.Select(x => x.Name)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var holders = LinuxHolders.Find(place.At("proc"), place.ProcessId, lookAtPrograms ? nodes : [], cancellationToken);
        if (!holders.IsComplete)
        {
            unseen.Add("Which devices programs of other users hold cannot be seen.");
        }

        var modemRules = new HashSet<string>(StringComparer.Ordinal);
        var seen = ImmutableArray.CreateBuilder<SeenUsbDevice>();
        foreach (var device in devices)
        {
            seen.Add(Describe(device) with { HeldBy = holders.Of(device.Node) });
            if (await IsIgnoredByModemManagerAsync(device.Number, cancellationToken).ConfigureAwait(false))
            {
                modemRules.Add(device.Info.Location);
            }
        }

        var described = ImmutableArray.CreateBuilder<SeenSerialPort>();
        foreach (var port in ports)
        {
            var number = (await LinuxFiles.TextAsync(place.At($"sys/class/tty/{Path.GetFileName(port.Name)}/dev"), cancellationToken).ConfigureAwait(false))?.Trim();
            described.Add(new SeenSerialPort
            {
                Name = port.Name,
                UsbLocation = port.UsbLocation,
                InterfaceNumber = port.InterfaceNumber,
                Driver = port.Driver,
                Group = place.GroupOf(port.Name),
                IsIgnoredByModemManager = (port.UsbLocation is { } location && modemRules.Contains(location)) || await IsIgnoredByModemManagerAsync(number, cancellationToken).ConfigureAwait(false),
                Problem = port.Problem,
                HeldBy = holders.Of(port.Name),
            });
        }

        return new HostInventory
        {
            System = await LinuxSystem.DescribeAsync(place, lookAtPrograms, cancellationToken).ConfigureAwait(false),
            UsbDevices = seen.ToImmutable(),
            SerialPorts = described.ToImmutable(),
            Volumes = await LinuxVolumes.ListAsync(place, cancellationToken).ConfigureAwait(false),
            Unseen = unseen.ToImmutable(),
        };
    }

    private async ValueTask<IReadOnlyList<SerialPortInfo>> PortsAsync(ImmutableArray<string>.Builder unseen, CancellationToken cancellationToken)
    {
        try
        {
            return serial is null ? [] : await serial.ListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e)
        {
            unseen.Add($"The serial ports cannot be listed: {e.Message}.");
            return [];
        }
    }

    private SeenUsbDevice Describe(SysfsDevice device)
    {
        var info = device.Info;
        var speaksDfu = device.Interfaces.Any(x => x is { Class: 0xFE, SubClass: 1 }) || info is { VendorId: 0x0483, ProductId: 0xDF11 };
        return SeenUsbDevice.Of(info) with
        {
            Manufacturer = DriveFiles.Printable(info.Manufacturer, LongestText),
            Product = DriveFiles.Printable(info.Product, LongestText),
            Interfaces = [.. device.Interfaces.Select(x => x with { Name = DriveFiles.Printable(x.Name, LongestText) })],
            Driver = device.Driver,
            Problem = speaksDfu || device.Driver == UsbIpExport.Driver ? info.Problem : null,
            Hubs = info.Location.Count(x => x == '.'),
            HostController = Controller(info.Location),
        };
    }

    // The driver of what the bus's root hub hangs on: "xhci_hcd", or "vhci_hcd" for what comes over USB/IP.
    private string? Controller(string location)
    {
        var hub = LinuxFiles.Final(place.At($"sys/bus/usb/devices/usb{location.Split('-')[0]}"));
        return Path.GetFileName(LinuxFiles.Target(Path.Combine(Path.GetDirectoryName(hub) ?? "/", "driver")));
    }

    // ModemManager's own udev tags (its API reference, "udev tags").
    private async ValueTask<bool> IsIgnoredByModemManagerAsync(string? number, CancellationToken cancellationToken)
    {
        var properties = await UdevRecords.ReadAsync(place, 'c', number, cancellationToken).ConfigureAwait(false);
        return ((string[])["ID_MM_DEVICE_IGNORE", "ID_MM_PORT_IGNORE", "ID_MM_TTY_BLACKLIST"]).Any(x => properties.TryGetValue(x, out var value) && value == "1");
    }
}
