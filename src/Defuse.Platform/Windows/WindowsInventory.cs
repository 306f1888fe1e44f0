using System.Collections.Immutable;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>
/// The USB devices, whichever driver is bound to them, as Windows' configuration manager tells; as an inventory for hosts, those that
/// speak DFU, offer it, or may be boards that Windows could not make out.
/// </summary>
/// <remarks>
/// Windows tells no address on the bus and no speed without asking the hubs. Buses are counted as libusb does it: in the order in
/// which Windows lists the host controllers, from 1.
/// </remarks>
/// <param name="tree">The calls.</param>
/// <param name="libraries">What there is to open devices with.</param>
internal sealed class WindowsInventory(IWindowsDeviceTree tree, WindowsLibraries libraries) : IUsbInventory
{
    private const int LongestText = 128;

    // Deeper than hubs go: from a device to its host controller.
    private const int MostParents = 12;

    private static readonly Guid HostControllers = new("3ABF6F2D-71C4-462A-8A92-1E6861E6AF27");

    private readonly WindowsDeviceReader _reader = new(tree);

    public async ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await DevicesAsync(cancellationToken).ConfigureAwait(false)).Select(x => x.Info)];

    /// <summary>The same, with what it takes to open them, by their places.</summary>
    /// <exception cref="TransportException">Windows does not tell.</exception>
    public Task<ImmutableArray<WindowsUsbDevice>> DevicesAsync(CancellationToken cancellationToken) =>
        Task.Run<ImmutableArray<WindowsUsbDevice>>(() => [.. AllDevices(cancellationToken).Where(x => x.SpeaksDfu)], cancellationToken);

    /// <summary>Whether there is a USB host controller.</summary>
    public bool HasControllers() => !_reader.Interfaces(HostControllers, deviceId: null).IsEmpty;

    /// <summary>Whether a device is present.</summary>
    public bool IsPresent(string instanceId) => _reader.Locate(instanceId) is not null;

    /// <summary>The paths by which a function can be opened now, those of the first GUID first.</summary>
    /// <exception cref="TransportException">Windows does not tell.</exception>
    public ImmutableArray<string> PathsOf(WindowsUsbFunction function) =>
        [.. function.InterfaceGuids.SelectMany(x => _reader.Interfaces(x, function.InstanceId)).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Has something called after each change of what is present; null if Windows does not tell of changes.</summary>
    /// <param name="changed">Called on any thread; it must not wait, nor dispose what this returns.</param>
    public IDisposable? WhenChanged(Action changed)
    {
        try
        {
            tree.RegisterNotification(changed, out var registration);
            return registration;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All USB devices, those among them that have nothing to do with DFU, by their places.</summary>
    /// <exception cref="TransportException">Windows does not tell.</exception>
    public ImmutableArray<WindowsUsbDevice> AllDevices(CancellationToken cancellationToken)
    {
        try
        {
            var all = _reader.Devices("USB");
            var controllers = Controllers();
            var functions = Functions(all);
            var found = new List<(int Bus, ImmutableArray<byte> Ports, WindowsUsbDevice Device)>();
            foreach (var instanceId in all)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (UsbHardwareId.Parse(instanceId) is { InterfaceNumber: null } id
                    && _reader.Locate(instanceId) is { } devNode)
                {
                    var device = Describe(instanceId, id, devNode, functions[devNode]);
                    var (bus, ports, controller) = Place(devNode, device.LocationPaths, controllers);
                    found.Add((bus, ports, Located(device with { Controller = controller is { } node ? Text(node, DevicePropertyKey.Service) : null }, bus, ports)));
                }
            }

            return [.. found.OrderBy(x => x.Bus).ThenBy(x => x.Ports, Comparer<ImmutableArray<byte>>.Create((x, y) => x.AsSpan().SequenceCompareTo(y.AsSpan()))).Select(x => x.Device)];
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            throw new TransportException(
                TransportFailure.Fault,
                "this Windows lacks a call that tells of USB devices",
                "use a board over USB/IP (`--device usbip://HOST/BUSID`) or a simulated one (`--device sim:BOARD`)",
                innerException: e);
        }
    }

    private Dictionary<uint, int> Controllers()
    {
        var found = new Dictionary<uint, int>();
        var paths = _reader.Interfaces(HostControllers, deviceId: null);
        for (var i = 0; i < paths.Length; i++)
        {
            if (_reader.DeviceOf(paths[i]) is { } device && _reader.Locate(device) is { } devNode)
            {
                found.TryAdd(devNode, i + 1);
            }
        }

        return found;
    }

    // By the composite device that they belong to.
    private ILookup<uint, WindowsUsbFunction> Functions(ImmutableArray<string> all) =>
        all.Select(x => (InstanceId: x, Number: UsbHardwareId.Parse(x)?.InterfaceNumber))
            .Where(x => x.Number is not null)
            .Select(x => _reader.Locate(x.InstanceId) is { } devNode && _reader.Parent(devNode) is { } parent
                ? (Parent: parent, Function: Function(x.InstanceId, devNode, x.Number))
                : default)
            .Where(x => x.Function is not null)
            .OrderBy(x => x.Function.FirstInterface)
            .ToLookup(x => x.Parent, x => x.Function);

    private WindowsUsbFunction Function(string instanceId, uint devNode, byte? number) => new()
    {
        InstanceId = instanceId,
        FirstInterface = number,
        Interface = _reader.TextList(devNode, DevicePropertyKey.CompatibleIds).Select(UsbHardwareId.ParseClass).FirstOrDefault(x => x is not null),
        Service = Text(devNode, DevicePropertyKey.Service),
        DeviceClass = Text(devNode, DevicePropertyKey.Class),
        Name = Text(devNode, DevicePropertyKey.FriendlyName) ?? Text(devNode, DevicePropertyKey.DeviceDescription),
        Description = Text(devNode, DevicePropertyKey.BusReportedDescription),
        ProblemCode = _reader.Number(devNode, DevicePropertyKey.ProblemCode) ?? WindowsProblemCode.None,
        InterfaceGuids =
        [
            .. _reader.Parameters(devNode, "DeviceInterfaceGUIDs", "DeviceInterfaceGUID")
                .Select(x => Guid.TryParse(x, out var guid) ? guid : Guid.Empty)
                .Where(x => x != Guid.Empty)
                .Distinct(),
        ],
    };

    private WindowsUsbDevice Describe(string instanceId, UsbHardwareId id, uint devNode, IEnumerable<WindowsUsbFunction> parts)
    {
        var itself = Function(instanceId, devNode, number: null);
        ImmutableArray<WindowsUsbFunction> functions = [.. parts];
        var info = new UsbDeviceInfo
        {
            Location = instanceId,
            VendorId = id.VendorId,
            ProductId = id.ProductId,
            DeviceRelease = _reader.TextList(devNode, DevicePropertyKey.HardwareIds).Select(x => UsbHardwareId.Parse(x)?.Release).FirstOrDefault(x => x is not null) ?? 0,
            Interfaces = [.. (functions.IsEmpty ? [itself] : functions).Select(x => x.Interface).OfType<UsbInterfaceInfo>()],
            Product = Text(devNode, DevicePropertyKey.BusReportedDescription) ?? (id.VendorId == 0 ? Text(devNode, DevicePropertyKey.DeviceDescription) : null),
            SerialNumber = id.VendorId == 0 ? null : Clean(UsbHardwareId.SerialNumberIn(instanceId)),
        };
        var runsProgram = DfuDevice.RunsProgram(info);
        var device = new WindowsUsbDevice
        {
            Info = info,
            InstanceId = instanceId,
            DevNode = devNode,
            Itself = itself,
            SpeaksDfu = id.VendorId == 0 || runsProgram || DfuTarget.IsDfu(info),
            LocationPaths = _reader.TextList(devNode, DevicePropertyKey.LocationPaths),
            Functions = functions.IsEmpty ? [itself] : functions,
        };
        return device.SpeaksDfu ? device with { Info = info with { Problem = WindowsAccess.Problem(info, device.Main, runsProgram, libraries) } } : device;
    }

    // A device whose place Windows does not tell keeps its instance id for one.
    private static WindowsUsbDevice Located(WindowsUsbDevice device, int bus, ImmutableArray<byte> ports) =>
        ports.IsEmpty ? device : device with { Info = device.Info with { Location = UsbLocationPath.Format(bus, ports) }, Hubs = ports.Length - 1 };

    private (int Bus, ImmutableArray<byte> Ports, uint? Controller) Place(uint devNode, ImmutableArray<string> paths, Dictionary<uint, int> controllers)
    {
        var ports = paths.Select(UsbLocationPath.Ports).FirstOrDefault(x => !x.IsEmpty, []);
        var nodes = new List<uint> { devNode };
        while (nodes.Count < MostParents && _reader.Parent(nodes[^1]) is { } parent)
        {
            if (controllers.TryGetValue(parent, out var bus))
            {
                return (bus, ports.IsEmpty ? Addresses(nodes) : ports, parent);
            }

            nodes.Add(parent);
        }

        return (0, ports, null);
    }

    // From the device up to the root hub, which has no port.
    private ImmutableArray<byte> Addresses(List<uint> nodes)
    {
        var ports = nodes.SkipLast(1).Reverse().Select(x => _reader.Number(x, DevicePropertyKey.Address)).ToList();
        return ports.TrueForAll(x => x is > 0 and <= byte.MaxValue) ? [.. ports.Select(x => (byte)x!.Value)] : [];
    }

    private string? Text(uint devNode, DevicePropertyKey key) => Clean(_reader.Text(devNode, key));

    // Devices and installations write what they like into these texts, and they end up on a terminal.
    private static string? Clean(string? text)
    {
        var clean = new string([.. (text ?? "").Where(x => !char.IsControl(x) && !char.IsSurrogate(x)).Take(LongestText)]).Trim();
        return clean.Length == 0 ? null : clean;
    }
}
