using System.Collections.Immutable;
using Defuse.Platform.Inventory;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>Serial ports as Windows' configuration manager tells of them, without opening them.</summary>
internal static class WindowsPorts
{
    private const string PortClass = "Ports";

    // Printer ports are of the same class.
    private const string NamePrefix = "COM";
    private const int LongestText = 64;

    // From a port up to its USB device: the interface, and what filters put between.
    private const int MostParents = 8;

    // The serial adapters of FTDI have a bus of their own between the USB device and the port; a PC's own ports are found by ACPI.
    private static readonly ImmutableArray<string> Buses = ["USB", "FTDIBUS", "ACPI"];

    /// <summary>The ports that are present.</summary>
    /// <param name="reader">Reads what Windows tells.</param>
    /// <param name="devices">The USB devices.</param>
    /// <exception cref="TransportException">Windows does not tell.</exception>
    public static IEnumerable<SerialPortInfo> List(WindowsDeviceReader reader, ImmutableArray<WindowsUsbDevice> devices)
    {
        var byNode = devices.ToDictionary(x => x.DevNode);
        return Buses.SelectMany(x => Devices(reader, x)).Select(x => Describe(reader, x, byNode)).OfType<SerialPortInfo>();
    }

    /// <summary>The USB device that a node belongs to; null if it hangs on none.</summary>
    public static WindowsUsbDevice? Behind(WindowsDeviceReader reader, uint node, Dictionary<uint, WindowsUsbDevice> devices)
    {
        uint? at = node;
        for (var i = 0; i < MostParents && at is { } one; i++, at = reader.Parent(one))
        {
            if (devices.TryGetValue(one, out var device))
            {
                return device;
            }
        }

        return null;
    }

    // What Windows answers about a bus that it never had, no document says.
    private static ImmutableArray<string> Devices(WindowsDeviceReader reader, string bus)
    {
        try
        {
            return reader.Devices(bus);
        }
        catch (TransportException) when (bus != Buses[0])
        {
            return [];
        }
    }

    private static SerialPortInfo? Describe(WindowsDeviceReader reader, string instanceId, Dictionary<uint, WindowsUsbDevice> devices)
    {
        if (reader.Locate(instanceId) is not { } node
            || !string.Equals(reader.Text(node, DevicePropertyKey.Class), PortClass, StringComparison.OrdinalIgnoreCase)
            || DriveFiles.Printable(reader.Parameters(node, "PortName").FirstOrDefault(), LongestText) is not { } name
            || !name.StartsWith(NamePrefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var device = Behind(reader, node, devices)?.Info;
        return new SerialPortInfo
        {
            Name = name,
            UsbLocation = device?.Location,
            InterfaceNumber = UsbHardwareId.Parse(instanceId)?.InterfaceNumber,
            VendorId = device?.VendorId,
            ProductId = device?.ProductId,
            Product = device?.Product,
            SerialNumber = device?.SerialNumber,
            Driver = DriveFiles.Printable(reader.Text(node, DevicePropertyKey.Service), LongestText),
        };
    }
}
