using System.Collections.Immutable;
using System.Globalization;
using Defuse.Diagnostics;
using Defuse.Platform.Inventory;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>All that Windows tells of what is plugged in, as Device Manager shows it, without opening it.</summary>
/// <remarks>Tested on trees made from documents and from what users show of their Device Managers; never run on Windows.</remarks>
/// <param name="tree">The calls that tell of devices.</param>
/// <param name="libraries">What there is to open devices with.</param>
/// <param name="system">The rest of Windows.</param>
internal sealed class WindowsHostInventory(IWindowsDeviceTree tree, WindowsLibraries libraries, IWindowsSystem system) : IHostInventorySource
{
    // The serial adapters of FTDI have a bus of their own between the USB device and the port.
    private static readonly ImmutableArray<string> PortBuses = ["USB", "FTDIBUS"];

    // From a volume up to the USB device: its disk, the interface, and what filters put between.
    private const int MostParents = 8;

    // Drives of boards are small; a disk is not woken to look for their files.
    private const long LargestDrive = 512L << 20;
    private const int LongestLabel = 64;
    private const int FirstBuildOf11 = 22000;

    private readonly WindowsDeviceReader _reader = new(tree);
    private readonly WindowsInventory _inventory = new(tree, libraries);

    public async ValueTask<HostInventory> CollectAsync(CancellationToken cancellationToken)
    {
        var unseen = ImmutableArray.CreateBuilder<string>();
        var (devices, hasUsb, ports, drives) = await Task.Run(() => Look(unseen, cancellationToken), cancellationToken).ConfigureAwait(false);
        var volumes = ImmutableArray.CreateBuilder<SeenVolume>();
        foreach (var (drive, location) in drives)
        {
            if (system.Describe(drive) is (var label, <= LargestDrive))
            {
                var volume = new SeenVolume { Path = drive.Root, Label = DriveFiles.Clean(label, LongestLabel), UsbLocation = location };
                volumes.Add(await DriveFiles.ReadAsync(drive.Folder, volume, cancellationToken).ConfigureAwait(false) ?? volume);
            }
        }

        return new HostInventory
        {
            System = new HostSystem
            {
                Kind = HostKind.Windows,
                Version = string.Create(CultureInfo.InvariantCulture, $"Windows {(system.Version.Build >= FirstBuildOf11 ? 11 : system.Version.Major)} ({system.Version.ToString(3)})"),
                IsElevated = system.IsElevated,
                HasUsb = hasUsb,
            },
            UsbDevices = devices,
            SerialPorts = ports,
            Volumes = volumes.ToImmutable(),
            Unseen = unseen.ToImmutable(),
        };
    }

    private (ImmutableArray<SeenUsbDevice> Devices, bool HasUsb, ImmutableArray<SeenSerialPort> Ports, ImmutableArray<(WindowsDrive Drive, string Location)> Drives) Look(
        ImmutableArray<string>.Builder unseen, CancellationToken cancellationToken)
    {
        try
        {
            var all = _inventory.AllDevices(cancellationToken);
            var byNode = all.ToDictionary(x => x.DevNode);
            return (
                [.. all.Where(x => !x.IsHub).Select(Describe)],
                _inventory.HasControllers(),
                [.. PortBuses.SelectMany(x => _reader.Devices(x)).Select(x => Port(x, byNode)).OfType<SeenSerialPort>()],
                [.. Drives(byNode)]);
        }
        catch (TransportException e)
        {
            unseen.Add($"The devices cannot be listed: {e.Message}.");
            return ([], true, [], []);
        }
    }

    private static SeenUsbDevice Describe(WindowsUsbDevice device)
    {
        var code = device.Itself.ProblemCode != WindowsProblemCode.None || !device.SpeaksDfu ? device.Itself.ProblemCode : device.Main.ProblemCode;
        return new SeenUsbDevice
        {
            Location = device.Info.Location,
            VendorId = device.Info.VendorId,
            ProductId = device.Info.ProductId,
            DeviceRelease = device.Info.DeviceRelease,
            Product = device.Info.Product,
            SerialNumber = device.Info.SerialNumber,
            Interfaces =
            [
                .. device.Functions.Where(x => x.Interface is not null).Select(x => new SeenInterface(
                    x.FirstInterface ?? 0, x.Interface!.Value.Class, x.Interface.Value.SubClass, x.Interface.Value.Protocol, x.Service, x.FirstInterface is null ? null : x.Description)),
            ],
            Driver = device.Itself.Service,
            SystemName = device.Itself.Name,
            SystemClass = WindowsClassNames.Heading(device.Itself.DeviceClass),
            ProblemCode = checked((int)code),
            Problem = device.Info.Problem,
            Hubs = device.Hubs,
            HostController = device.Controller,
        };
    }

    private SeenSerialPort? Port(string instanceId, Dictionary<uint, WindowsUsbDevice> devices)
    {
        const string portClass = "Ports";
        if (_reader.Locate(instanceId) is not { } node
            || !string.Equals(_reader.Text(node, DevicePropertyKey.Class), portClass, StringComparison.OrdinalIgnoreCase)
            || DriveFiles.Printable(_reader.Parameters(node, "PortName").FirstOrDefault(), LongestLabel) is not { } name)
        {
            return null;
        }

        return new SeenSerialPort
        {
            Name = name,
            UsbLocation = Behind(node, devices)?.Info.Location,
            InterfaceNumber = UsbHardwareId.Parse(instanceId)?.InterfaceNumber,
            Driver = DriveFiles.Printable(_reader.Text(node, DevicePropertyKey.Service), LongestLabel),
        };
    }

    // A volume's device object is what the drive's letter stands for.
    private IEnumerable<(WindowsDrive Drive, string Location)> Drives(Dictionary<uint, WindowsUsbDevice> devices)
    {
        var drives = system.Drives();
        foreach (var instanceId in drives.Count == 0 ? [] : _reader.Devices("STORAGE"))
        {
            if (_reader.Locate(instanceId) is { } node
                && _reader.Text(node, DevicePropertyKey.DeviceObject) is { } target
                && drives.FirstOrDefault(x => string.Equals(x.Device, target, StringComparison.OrdinalIgnoreCase)) is { } drive
                && Behind(node, devices) is { } device)
            {
                yield return (drive, device.Info.Location);
            }
        }
    }

    private WindowsUsbDevice? Behind(uint node, Dictionary<uint, WindowsUsbDevice> devices)
    {
        uint? at = node;
        for (var i = 0; i < MostParents && at is { } one; i++, at = _reader.Parent(one))
        {
            if (devices.TryGetValue(one, out var device))
            {
                return device;
            }
        }

        return null;
    }
}
