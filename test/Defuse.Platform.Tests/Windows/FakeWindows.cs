using System.Text;
using Defuse.Platform.Windows;

namespace Defuse.Platform.Tests.Windows;

/// <summary>
/// Windows' calls over a tree of devices, as Microsoft's documentation has them: sizes are asked for first, lists may have grown by
/// then, device nodes that are gone are refused, and a handle that is used after it was closed, or twice closed, fails the test.
/// </summary>
internal sealed class FakeWindows : IWindowsDeviceTree
{
    private const uint Success = 0;
    private const uint InvalidDevNode = 0x05;
    private const uint NoSuchDevNode = 0x0D;
    private const uint BufferSmall = 0x1A;
    private const uint NoSuchValue = 0x25;
    private const uint NoSuchRegistryKey = 0x2E;

    private static readonly Guid HostController = new("3ABF6F2D-71C4-462A-8A92-1E6861E6AF27");

    private readonly object _lock = new();
    private readonly List<FakeNode> _nodes = [];
    private readonly HashSet<nint> _keys = [];
    private readonly List<Action> _listeners = [];
    private nint _nextKey = 0x1000;

    public FakeWindows() => WinUsb = new FakeWinUsb(this);

    public FakeWinUsb WinUsb { get; }

    /// <summary>Called before every call, with its name.</summary>
    public Action<string>? Calling { get; set; }

    public bool TellsOfChanges { get; set; } = true;

    public int Listeners
    {
        get
        {
            lock (_lock)
            {
                return _listeners.Count;
            }
        }
    }

    public int OpenHandles => _keys.Count + WinUsb.OpenHandles;

    public FakeNode Node(string instanceId, FakeNode? parent)
    {
        lock (_lock)
        {
            var node = new FakeNode((uint)_nodes.Count + 1, instanceId, parent);
            _nodes.Add(node);
            return node;
        }
    }

    /// <summary>A host controller and its root hub.</summary>
    /// <returns>The root hub.</returns>
    public FakeNode Controller(int number)
    {
        var controller = Node($@"PCI\VEN_8086&DEV_A36D&SUBSYS_00000000&REV_10\3&11583659&0&{number:X2}", null);
        controller.Interfaces.Add((HostController, $@"\\?\pci#ven_8086#{number}#{{3abf6f2d-71c4-462a-8a92-1e6861e6af27}}"));
        controller.List(DevicePropertyKey.LocationPaths, $"PCIROOT(0)#PCI({number:X2}00)", $@"ACPI(_SB_)#ACPI(PCI0)#ACPI(XHC{number})");
        return Node($@"USB\ROOT_HUB30\4&{number:x8}&0&0", controller)
            .List(DevicePropertyKey.LocationPaths, $"PCIROOT(0)#PCI({number:X2}00)#USBROOT(0)")
            .List(DevicePropertyKey.HardwareIds, @"USB\ROOT_HUB30&VID8086&PIDA36D&REV0000", @"USB\ROOT_HUB30")
            .Bind("USBHUB3", "USB");
    }

    /// <summary>A device at a port of a hub, without a driver.</summary>
    public FakeNode Device(FakeNode hub, byte port, string id, string end, string release = "2200")
    {
        var node = Node($@"USB\{id}\{end}", hub)
            .List(DevicePropertyKey.HardwareIds, $@"USB\{id}&REV_{release}", $@"USB\{id}")
            .Number(DevicePropertyKey.Address, port);
        if (hub.Properties.TryGetValue(DevicePropertyKey.LocationPaths, out var path))
        {
            node.List(DevicePropertyKey.LocationPaths, $"{Encoding.Unicode.GetString(path.Bytes).Split('\0')[0]}#USB({port})", $@"ACPI(_SB_)#ACPI(PCI0)#ACPI(XHC_)#ACPI(RHUB)#ACPI(HS{port:00})");
        }

        return node;
    }

    /// <summary>A board in DFU mode, as the bus driver describes it, without a driver.</summary>
    public FakeNode Board(FakeNode hub, byte port, string end = "205B33875532", string id = "VID_0483&PID_DF11") =>
        Device(hub, port, id, end)
            .List(DevicePropertyKey.CompatibleIds, @"USB\Class_FE&SubClass_01&Prot_02", @"USB\Class_FE&SubClass_01", @"USB\Class_FE")
            .Text(DevicePropertyKey.BusReportedDescription, "STM32  BOOTLOADER");

    /// <summary>Takes a device and all behind it away, or brings it back, and tells of it.</summary>
    public void Plug(FakeNode node, bool isPresent)
    {
        Action[] listeners;
        lock (_lock)
        {
            foreach (var one in _nodes.Where(x => IsBehind(x, node)))
            {
                one.IsPresent = isPresent;
            }

            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
        {
            listener();
        }
    }

    public uint GetDeviceIdListSize(out uint length, string filter, uint flags)
    {
        Calling?.Invoke(nameof(GetDeviceIdListSize));
        length = (uint)DeviceIds(filter, flags).Length;
        return Success;
    }

    public uint GetDeviceIdList(string filter, Span<char> buffer, uint flags)
    {
        Calling?.Invoke(nameof(GetDeviceIdList));
        return Fill(DeviceIds(filter, flags), buffer);
    }

    public uint LocateDevNode(out uint devNode, string deviceId)
    {
        Calling?.Invoke(nameof(LocateDevNode));
        devNode = Find(x => string.Equals(x.InstanceId, deviceId, StringComparison.OrdinalIgnoreCase))?.DevNode ?? 0;
        return devNode == 0 ? NoSuchDevNode : Success;
    }

    public uint GetParent(out uint parent, uint devNode)
    {
        var node = Find(x => x.DevNode == devNode);
        parent = node?.Parent?.DevNode ?? 0;
        return node is null ? InvalidDevNode : parent == 0 ? NoSuchDevNode : Success;
    }

    public uint GetDevNodeProperty(uint devNode, DevicePropertyKey key, out uint type, Span<byte> buffer, out uint size)
    {
        Calling?.Invoke(nameof(GetDevNodeProperty));
        (type, size) = (0, 0);
        return Find(x => x.DevNode == devNode) is not { } node ? InvalidDevNode
            : node.Properties.TryGetValue(key, out var value) ? Fill(value, out type, buffer, out size)
            : NoSuchValue;
    }

    public uint GetDeviceInterfaceListSize(out uint length, Guid interfaceClass, string? deviceId)
    {
        Calling?.Invoke(nameof(GetDeviceInterfaceListSize));
        length = (uint)InterfacePaths(interfaceClass, deviceId).Length;
        return Success;
    }

    public uint GetDeviceInterfaceList(Guid interfaceClass, string? deviceId, Span<char> buffer) =>
        Fill(InterfacePaths(interfaceClass, deviceId), buffer);

    public uint GetDeviceInterfaceProperty(string path, DevicePropertyKey key, out uint type, Span<byte> buffer, out uint size)
    {
        Assert.Equal(DevicePropertyKey.InstanceId, key);
        (type, size) = (0, 0);
        return Find(x => x.Interfaces.Any(y => y.Path == path)) is { } node
            ? Fill((DevicePropertyKey.TypeString, Encoding.Unicode.GetBytes(node.InstanceId + '\0')), out type, buffer, out size)
            : NoSuchDevNode;
    }

    public uint OpenDevNodeKey(uint devNode, out nint key)
    {
        key = 0;
        var node = Find(x => x.DevNode == devNode);
        if (node?.Parameters is null)
        {
            return node is null ? InvalidDevNode : NoSuchRegistryKey;
        }

        lock (_lock)
        {
            key = _nextKey++ + ((nint)devNode << 32);
            _keys.Add(key);
        }

        return Success;
    }

    public int QueryValue(nint key, string name, out uint type, Span<byte> buffer, out uint size)
    {
        lock (_lock)
        {
            Assert.Contains(key, _keys);
        }

        (type, size) = (0, 0);
        return _nodes[(int)(key >> 32) - 1].Parameters!.TryGetValue(name, out var value)
            ? Fill(value, out type, buffer, out size) == Success ? 0 : 234
            : 2;
    }

    public void CloseKey(nint key)
    {
        lock (_lock)
        {
            Assert.True(_keys.Remove(key), "a registry key that is not open was closed");
        }
    }

    public uint RegisterNotification(Action changed, out IDisposable? registration)
    {
        if (!TellsOfChanges)
        {
            registration = null;
            return 0x13;
        }

        lock (_lock)
        {
            _listeners.Add(changed);
        }

        registration = new Registration(this, changed);
        return Success;
    }

    internal FakeNode NodeOf(uint devNode) => _nodes[(int)devNode - 1];

    internal FakeNode? FindPath(string path) => Find(x => x.Interfaces.Any(y => y.Path == path));

    private static bool IsBehind(FakeNode? node, FakeNode root) => node is not null && (node == root || IsBehind(node.Parent, root));

    private static uint Fill(string list, Span<char> buffer)
    {
        if (buffer.Length < list.Length)
        {
            return BufferSmall;
        }

        list.CopyTo(buffer);
        return Success;
    }

    private static uint Fill((uint Type, byte[] Bytes) value, out uint type, Span<byte> buffer, out uint size)
    {
        (type, size) = (value.Type, (uint)value.Bytes.Length);
        if (buffer.Length < value.Bytes.Length)
        {
            return BufferSmall;
        }

        value.Bytes.CopyTo(buffer);
        return Success;
    }

    private FakeNode? Find(Func<FakeNode, bool> isMeant)
    {
        lock (_lock)
        {
            return _nodes.Find(x => x.IsPresent && isMeant(x));
        }
    }

    private string DeviceIds(string filter, uint flags)
    {
        // CM_GETIDLIST_FILTER_ENUMERATOR | CM_GETIDLIST_FILTER_PRESENT
        Assert.Equal(0x101u, flags);
        lock (_lock)
        {
            return string.Concat(_nodes.Where(x => x.IsPresent && x.InstanceId.StartsWith(filter + '\\', StringComparison.OrdinalIgnoreCase)).Select(x => x.InstanceId + '\0')) + '\0';
        }
    }

    private string InterfacePaths(Guid interfaceClass, string? deviceId)
    {
        lock (_lock)
        {
            return string.Concat(_nodes
                .Where(x => x.IsPresent && (deviceId is null || string.Equals(x.InstanceId, deviceId, StringComparison.OrdinalIgnoreCase)))
                .SelectMany(x => x.Interfaces)
                .Where(x => x.Class == interfaceClass)
                .Select(x => x.Path + '\0')) + '\0';
        }
    }

    private sealed class Registration(FakeWindows windows, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (windows._lock)
            {
                Assert.True(windows._listeners.Remove(changed), "a registration was ended twice");
            }
        }
    }
}
