using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Defuse.Transports;

namespace Defuse.Platform.Linux;

/// <summary>Lists USB devices as Linux's sysfs shows them to everybody (Documentation/ABI/testing/sysfs-bus-usb). It opens none.</summary>
internal sealed partial class SysfsUsbHost(string root) : IUsbHost
{
    /// <summary>One folder for each device and each interface.</summary>
    public const string DefaultRoot = "/sys/bus/usb/devices";

    private const string OwnUsb = "Defuse reaches boards over USB/IP and cannot open this machine's own USB devices directly";

    public async ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(root))
        {
            return [];
        }

        var devices = new List<UsbDeviceInfo>();
        foreach (var portChain in Names().Where(x => PortChain().IsMatch(x)).Order(StringComparer.Ordinal))
        {
            if (await DescribeAsync(portChain, cancellationToken).ConfigureAwait(false) is { } device)
            {
                devices.Add(device);
            }
        }

        return devices;
    }

    public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(location);
        var device = PortChain().IsMatch(location) ? await DescribeAsync(location, cancellationToken).ConfigureAwait(false) : null;
        throw device?.Problem is { } problem
            ? new TransportException(TransportFailure.CannotOpen, problem.Reason, problem.Remedy)
            : new TransportException(
                TransportFailure.Disconnected, $"nothing is plugged in at {location}", "`defuse list` shows what is plugged in, and where");
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
    private async ValueTask<UsbDeviceInfo?> DescribeAsync(string portChain, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(root, portChain);
        if (Hex(await ReadAsync(folder, "idVendor", cancellationToken).ConfigureAwait(false)) is not { } vendorId ||
            Hex(await ReadAsync(folder, "idProduct", cancellationToken).ConfigureAwait(false)) is not { } productId)
        {
            return null;
        }

        return new UsbDeviceInfo
        {
            Location = portChain,
            VendorId = vendorId,
            ProductId = productId,
            DeviceRelease = Hex(await ReadAsync(folder, "bcdDevice", cancellationToken).ConfigureAwait(false)) ?? 0,
            DeviceAddress = byte.TryParse(await ReadAsync(folder, "devnum", cancellationToken).ConfigureAwait(false), NumberStyles.None, CultureInfo.InvariantCulture, out var address) ? address : null,
            Speed = Speed(await ReadAsync(folder, "speed", cancellationToken).ConfigureAwait(false)),
            Product = await ReadAsync(folder, "product", cancellationToken).ConfigureAwait(false),
            SerialNumber = await ReadAsync(folder, "serial", cancellationToken).ConfigureAwait(false),
            Interfaces = await InterfacesAsync(portChain, cancellationToken).ConfigureAwait(false),
            Problem = Problem(portChain, folder),
        };
    }

    private async ValueTask<ImmutableArray<UsbInterfaceInfo>> InterfacesAsync(string portChain, CancellationToken cancellationToken)
    {
        var found = new SortedList<ushort, UsbInterfaceInfo>();
        foreach (var name in Names().Where(x => x.StartsWith(portChain + ":", StringComparison.Ordinal)))
        {
            var folder = Path.Combine(root, name);
            if (Hex(await ReadAsync(folder, "bInterfaceNumber", cancellationToken).ConfigureAwait(false)) is { } number)
            {
                found[number] = new UsbInterfaceInfo(
                    await ByteAsync(folder, "bInterfaceClass", cancellationToken).ConfigureAwait(false),
                    await ByteAsync(folder, "bInterfaceSubClass", cancellationToken).ConfigureAwait(false),
                    await ByteAsync(folder, "bInterfaceProtocol", cancellationToken).ConfigureAwait(false));
            }
        }

        return [.. found.Values];
    }

    private static async ValueTask<byte> ByteAsync(string folder, string attribute, CancellationToken cancellationToken) =>
        unchecked((byte)(Hex(await ReadAsync(folder, attribute, cancellationToken).ConfigureAwait(false)) ?? 0));

    private static async ValueTask<string?> ReadAsync(string folder, string attribute, CancellationToken cancellationToken)
    {
        try
        {
            var text = await File.ReadAllTextAsync(Path.Combine(folder, attribute), cancellationToken).ConfigureAwait(false);
            return text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static UsbAccessProblem Problem(string portChain, string folder)
    {
        // usbip refuses to export what was itself imported.
        if (Target(folder)?.Contains("/vhci_hcd", StringComparison.Ordinal) == true)
        {
            return new UsbAccessProblem(
                AccessFailure.InUse,
                "the device was imported over USB/IP by this machine's kernel, so that its server gives it to nobody else",
                "Detach it (`sudo usbip port` shows its port, `sudo usbip detach -p PORT` frees it) and use `--device usbip://HOST/BUSID` with that server's name and bus id");
        }

        var open = $"use `--device usbip://localhost/{portChain}`";
        return Path.GetFileName(Target(Path.Combine(folder, "driver"))) == "usbip-host"
            ? new UsbAccessProblem(AccessFailure.InUse, "the device is exported over USB/IP", $"Start the server if it is not running (`sudo usbipd -D`), and {open}") { Driver = "usbip-host" }
            : new UsbAccessProblem(
                AccessFailure.LibraryMissing,
                OwnUsb,
                $"Export it over USB/IP: `sudo modprobe usbip-host && sudo usbipd -D && sudo usbip bind -b {portChain}`, then {open}");
    }

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
