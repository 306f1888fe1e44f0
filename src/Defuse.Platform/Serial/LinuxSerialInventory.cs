using System.Globalization;
using System.Runtime.Versioning;
using Defuse.Transports;

namespace Defuse.Platform.Serial;

/// <summary>Serial ports as Linux's sysfs shows them to everybody (Documentation/ABI/testing/sysfs-tty, sysfs-bus-usb).</summary>
/// <param name="root">One folder, or link to it, for each terminal.</param>
/// <param name="nodes">The folder of device nodes.</param>
/// <param name="access">Whether this process may open a node for reading and writing: access(2), and the errno if not.</param>
[SupportedOSPlatform("linux")]
internal sealed class LinuxSerialInventory(string root, string nodes, Func<string, int> access) : ISerialInventory
{
    // PORT_UNKNOWN of linux/serial_core.h: the kernel holds a place for a port that is not there.
    private const string NoHardware = "0";

    // Devices are not nested deeper; what is above the port's own has a driver or is USB.
    private const int MostParents = 8;

    // What recent kernels put between a port and its device.
    private const string PortDriver = "port";
    private const string ControllerDriver = "ctrl";

    /// <summary>This machine's.</summary>
    public static LinuxSerialInventory Create() => new("/sys/class/tty", "/dev", Access);

    public async ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(root))
        {
            return [];
        }

        var found = new List<SerialPortInfo>();
        foreach (var name in Directory.EnumerateFileSystemEntries(root).Select(x => Path.GetFileName(x)).Order(StringComparer.Ordinal))
        {
            if (await DescribeAsync(name, cancellationToken).ConfigureAwait(false) is { } port)
            {
                found.Add(port with { Problem = Problem(port.Name) });
            }
        }

        // ttyACM10 comes after ttyACM9.
        return [.. found.OrderBy(x => x.Name.TrimEnd("0123456789".ToCharArray()), StringComparer.Ordinal).ThenBy(x => x.Name.Length).ThenBy(x => x.Name, StringComparer.Ordinal)];
    }

    public async ValueTask<SerialPortInfo> FindAsync(string name, CancellationToken cancellationToken)
    {
        // udev's links (/dev/serial/by-id/...) lead to the node that sysfs knows.
        var node = Final(name);
        var info = Path.GetDirectoryName(node) == nodes ? await DescribeAsync(Path.GetFileName(node), cancellationToken).ConfigureAwait(false) : null;
        return (info ?? new SerialPortInfo { Name = name }) with { Name = name };
    }

    private static int Access(string path)
    {
        const int ReadAndWrite = 6;
        return Libc.Access(path, ReadAndWrite) == 0 ? Errno.None : Errno.Last;
    }

    // The path that links lead to; the path itself where nothing is known of links.
    private static string Final(string path)
    {
        try
        {
            return Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }

    private static async ValueTask<string?> ReadAsync(string folder, string attribute, CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(Path.Combine(folder, attribute), cancellationToken).ConfigureAwait(false)).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ushort? Hex(string? text) =>
        ushort.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string? Driver(string folder)
    {
        try
        {
            return Path.GetFileName(new FileInfo(Path.Combine(folder, "driver")).LinkTarget);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Null for a terminal with no hardware behind it, and for one that left in between.</summary>
    private async ValueTask<SerialPortInfo?> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        var folder = Final(Path.Combine(root, name));
        var link = Path.Combine(folder, "device");
        if (!Directory.Exists(link))
        {
            return null;
        }

        var device = Final(link);
        if (await IsEmptyAsync(folder, device, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var info = new SerialPortInfo { Name = Path.Combine(nodes, name) };
        for (var depth = 0; depth < MostParents && device is not null; depth++, device = Path.GetDirectoryName(device))
        {
            info = info.Driver is null && Driver(device) is { } driver and not PortDriver and not ControllerDriver ? info with { Driver = driver } : info;
            if (Hex(await ReadAsync(device, "bInterfaceNumber", cancellationToken).ConfigureAwait(false)) is { } number)
            {
                return await OfUsbAsync(info with { InterfaceNumber = unchecked((byte)number) }, device, cancellationToken).ConfigureAwait(false);
            }
        }

        return info;
    }

    // The kernel makes 4 to 32 of these for PCs that may have them. Before Linux 5.10 only root reads which ones are there: then none is taken to be.
    private static async ValueTask<bool> IsEmptyAsync(string folder, string device, CancellationToken cancellationToken)
    {
        var type = await ReadAsync(folder, "type", cancellationToken).ConfigureAwait(false);
        return type == NoHardware || (type is null && device.Contains("/platform/serial8250", StringComparison.Ordinal));
    }

    // An interface's folder is called as its device is, and what follows a colon.
    private static async ValueTask<SerialPortInfo> OfUsbAsync(SerialPortInfo info, string usbInterface, CancellationToken cancellationToken)
    {
        var device = Path.GetDirectoryName(usbInterface) ?? "";
        return info with
        {
            UsbLocation = Path.GetFileName(usbInterface).Split(':')[0],
            VendorId = Hex(await ReadAsync(device, "idVendor", cancellationToken).ConfigureAwait(false)),
            ProductId = Hex(await ReadAsync(device, "idProduct", cancellationToken).ConfigureAwait(false)),
            Product = await ReadAsync(device, "product", cancellationToken).ConfigureAwait(false),
            SerialNumber = await ReadAsync(device, "serial", cancellationToken).ConfigureAwait(false),
        };
    }

    private AccessProblem? Problem(string node) => access(node) switch
    {
        Errno.None => null,
        Errno.NoEntry => new AccessProblem(
            AccessFailure.PermissionDenied, $"the port's node {node} is not here", $"In a container, pass it in (`--device {node}`); else check that {nodes} is there"),
        _ => SerialNode.Read(node).Denied(),
    };
}
