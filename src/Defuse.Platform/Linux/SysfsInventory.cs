using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Defuse.Diagnostics;
using Defuse.Platform.LibUsb;
using Defuse.Transports;

namespace Defuse.Platform.Linux;

/// <summary>USB devices as Linux's sysfs shows them to everybody (Documentation/ABI/testing/sysfs-bus-usb).</summary>
/// <param name="root">One folder for each device and each interface.</param>
/// <param name="nodes">The folder of device nodes, BUS/DEVICE in three digits each.</param>
/// <param name="access">Whether this process may open a node: access(2), and the errno if not.</param>
internal sealed partial class SysfsInventory(string root, string nodes, Func<string, int> access) : IUsbInventory
{
    private const int NoEntry = 2;
    private const byte DfuClass = 0xFE;
    private const byte DfuSubClass = 1;

    /// <summary>This machine's.</summary>
    public static SysfsInventory Create() => new("/sys/bus/usb/devices", "/dev/bus/usb", Access);

    public bool IsComplete => true;

    public async ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await DescribeAllAsync(cancellationToken).ConfigureAwait(false)).Select(x => x.Info)];

    /// <summary>The devices, hubs among them, with all that sysfs tells.</summary>
    public async ValueTask<IReadOnlyList<SysfsDevice>> DescribeAllAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(root))
        {
            return [];
        }

        var names = Names().ToList();
        var devices = new List<SysfsDevice>();
        foreach (var portChain in names.Where(x => PortChain().IsMatch(x)).Order(StringComparer.Ordinal))
        {
            if (await DescribeAsync(portChain, names, cancellationToken).ConfigureAwait(false) is { } device)
            {
                devices.Add(device);
            }
        }

        return devices;
    }

    public async ValueTask<UsbDeviceInfo?> FindAsync(string location, CancellationToken cancellationToken) =>
        PortChain().IsMatch(location) && Directory.Exists(Path.Combine(root, location))
            ? (await DescribeAsync(location, Names(), cancellationToken).ConfigureAwait(false))?.Info
            : null;

    /// <summary>Whether a name of sysfs's is a device's place.</summary>
    public static bool IsPortChain(string name) => PortChain().IsMatch(name);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeAccess(string path, int mode);

    /// <summary>access(2) for reading and writing: the errno, or 0.</summary>
    public static int Access(string path)
    {
        const int readAndWrite = 6;
        return NativeAccess(path, readAndWrite) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    // A bus, then the port of each hub on the way; "usb1" is a root hub, "1-4:1.0" an interface.
    [GeneratedRegex(@"^[0-9]{1,5}-[0-9]{1,3}(\.[0-9]{1,3}){0,6}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PortChain();

    private static ushort? Hex(string? text) =>
        ushort.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static UsbSpeed Speed(string? megabits) => megabits switch
    {
        "1.5" => UsbSpeed.Low,
        "12" => UsbSpeed.Full,
        "480" => UsbSpeed.High,
        "5000" => UsbSpeed.Super,
        "10000" or "20000" => UsbSpeed.SuperPlus,
        _ => UsbSpeed.Unknown,
    };

    private IEnumerable<string> Names() => Directory.EnumerateFileSystemEntries(root).Select(x => Path.GetFileName(x));

    /// <summary>Null if it is not there, or was unplugged in between.</summary>
    private async ValueTask<SysfsDevice?> DescribeAsync(string portChain, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(root, portChain);
        var address = await AddressAsync(folder, cancellationToken).ConfigureAwait(false);
        if (Hex(await ReadAsync(folder, "idVendor", cancellationToken).ConfigureAwait(false)) is not { } vendorId ||
            Hex(await ReadAsync(folder, "idProduct", cancellationToken).ConfigureAwait(false)) is not { } productId)
        {
            return null;
        }

        var interfaces = await InterfacesAsync(names.Where(x => x.StartsWith(portChain + ":", StringComparison.Ordinal)), cancellationToken).ConfigureAwait(false);
        var device = new UsbDeviceInfo
        {
            Location = portChain,
            VendorId = vendorId,
            ProductId = productId,
            DeviceRelease = Hex(await ReadAsync(folder, "bcdDevice", cancellationToken).ConfigureAwait(false)) ?? 0,
            DeviceAddress = address,
            Speed = Speed(await ReadAsync(folder, "speed", cancellationToken).ConfigureAwait(false)),
            Manufacturer = await ReadAsync(folder, "manufacturer", cancellationToken).ConfigureAwait(false),
            Product = await ReadAsync(folder, "product", cancellationToken).ConfigureAwait(false),
            SerialNumber = await ReadAsync(folder, "serial", cancellationToken).ConfigureAwait(false),
            Interfaces = [.. interfaces.Select(x => new UsbInterfaceInfo(x.Class, x.SubClass, x.Protocol))],
        };
        var described = new SysfsDevice(
            device with { Problem = await ProblemAsync(device, folder, interfaces, cancellationToken).ConfigureAwait(false) },
            interfaces,
            Driver(folder),
            await NodeAsync(folder, address, cancellationToken).ConfigureAwait(false),
            await ReadAsync(folder, "dev", cancellationToken).ConfigureAwait(false));

        // It left meanwhile, and what came in its place may have been read in part.
        return await AddressAsync(folder, cancellationToken).ConfigureAwait(false) == address ? described : null;
    }

    // Each time that a device is plugged in it has another one.
    private static async ValueTask<byte?> AddressAsync(string folder, CancellationToken cancellationToken) =>
        byte.TryParse(await ReadAsync(folder, "devnum", cancellationToken).ConfigureAwait(false), NumberStyles.None, CultureInfo.InvariantCulture, out var address) ? address : null;

    private async ValueTask<ImmutableArray<SeenInterface>> InterfacesAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var found = new SortedList<ushort, SeenInterface>();
        foreach (var name in names)
        {
            var folder = Path.Combine(root, name);
            if (Hex(await ReadAsync(folder, "bInterfaceNumber", cancellationToken).ConfigureAwait(false)) is { } number)
            {
                found[number] = new SeenInterface(
                    unchecked((byte)number),
                    await ByteAsync(folder, "bInterfaceClass", cancellationToken).ConfigureAwait(false),
                    await ByteAsync(folder, "bInterfaceSubClass", cancellationToken).ConfigureAwait(false),
                    await ByteAsync(folder, "bInterfaceProtocol", cancellationToken).ConfigureAwait(false),
                    Driver(folder),
                    await ReadAsync(folder, "interface", cancellationToken).ConfigureAwait(false));
            }
        }

        return [.. found.Values];
    }

    private static async ValueTask<byte> ByteAsync(string folder, string attribute, CancellationToken cancellationToken) =>
        unchecked((byte)(Hex(await ReadAsync(folder, attribute, cancellationToken).ConfigureAwait(false)) ?? 0));

    private static async ValueTask<string?> ReadAsync(string folder, string attribute, CancellationToken cancellationToken) =>
        await ReadAnyAsync(folder, attribute, cancellationToken).ConfigureAwait(false) is { Length: > 0 } text ? text : null;

    /// <summary>Null if it cannot be read; an attribute may also be empty.</summary>
    private static async ValueTask<string?> ReadAnyAsync(string folder, string attribute, CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(Path.Combine(folder, attribute), cancellationToken).ConfigureAwait(false)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// What stands in the way. A driver of the kernel's at an interface does not: it is detached. Nothing is opened to find
    /// out, since that would wake the device.
    /// </summary>
    private async ValueTask<AccessProblem?> ProblemAsync(
        UsbDeviceInfo device, string folder, ImmutableArray<SeenInterface> interfaces, CancellationToken cancellationToken)
    {
        if (Driver(folder) == UsbIpExport.Driver)
        {
            return new AccessProblem(
                AccessFailure.InUse,
                "the device is exported over USB/IP",
                $"Use `--device usbip://localhost/{device.Location}` (`sudo usbipd -D` starts the server if it is not running), or take it back: `sudo usbip unbind -b {device.Location}`")
            {
                Driver = UsbIpExport.Driver,
            };
        }

        if (await ReadAsync(folder, "authorized", cancellationToken).ConfigureAwait(false) == "0")
        {
            return new AccessProblem(
                AccessFailure.PermissionDenied, "this machine lets nobody use the device (USB authorization, USBGuard)", $"Allow it: `echo 1 | sudo tee {folder}/authorized`, or in USBGuard");
        }

        if (await ReadAnyAsync(folder, "bConfigurationValue", cancellationToken).ConfigureAwait(false) is "" or "0")
        {
            return new AccessProblem(
                AccessFailure.EnumerationFailed, "the device was plugged in, and the kernel could not configure it", "Unplug it and plug it in again, with another cable or at another port; `sudo dmesg` says what failed");
        }

        if (await NodeAsync(folder, device.DeviceAddress, cancellationToken).ConfigureAwait(false) is { } node && access(node) is not 0 and var errno)
        {
            return errno == NoEntry
                ? new AccessProblem(AccessFailure.PermissionDenied, $"the device's node {node} is not here", $"In a container, pass the devices in (`--device /dev/bus/usb`); else check that {nodes} is there")
                : UdevRule.PermissionDenied(device.VendorId, device.ProductId);
        }

        return interfaces.Any(x => x is { Class: DfuClass, SubClass: DfuSubClass, Driver: LibUsbHost.UserSpaceDriver })
            ? new AccessProblem(AccessFailure.InUse, "another program has the device", "Close the program that uses the board (another Defuse, dfu-util, STM32CubeProgrammer, a browser's page, a virtual machine)")
            {
                Driver = LibUsbHost.UserSpaceDriver,
            }
            : null;
    }

    private async ValueTask<string?> NodeAsync(string folder, byte? address, CancellationToken cancellationToken) =>
        address is not null
        && int.TryParse(await ReadAsync(folder, "busnum", cancellationToken).ConfigureAwait(false), NumberStyles.None, CultureInfo.InvariantCulture, out var bus)
            ? string.Create(CultureInfo.InvariantCulture, $"{nodes}/{bus:000}/{address:000}")
            : null;

    private static string? Driver(string folder) => Path.GetFileName(Target(Path.Combine(folder, "driver")));

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
