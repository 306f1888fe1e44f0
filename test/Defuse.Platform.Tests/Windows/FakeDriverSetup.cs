using System.Text;
using Defuse.Platform.Windows;

namespace Defuse.Platform.Tests.Windows;

/// <summary>
/// Windows' calls on drivers, as Microsoft's documentation has them: devices that are not present are refused, changes need an
/// administrator, a driver is chosen from the list that was built last, and Windows can go back only to what it kept.
/// </summary>
internal sealed class FakeDriverSetup(FakeWindows windows) : IWindowsDriverSetup
{
    private const int FileNotFound = 2;
    private const int AccessDenied = 5;
    private const int NoMoreItems = 259;
    private const int NoSuchDevice = unchecked((int)0xE000020B);

    private readonly Dictionary<nint, (FakeNode Node, string? Inf)> _open = [];
    private nint _next = 0x5000;

    public bool IsElevated { get; set; } = true;

    /// <summary>What may change drivers although it says that it is elevated.</summary>
    public bool IsRefused { get; set; }

    /// <summary>The files in the folder INF, with the hardware ids of their drivers and the services that they install.</summary>
    public Dictionary<string, (string HardwareId, string Service)[]> Files { get; } = new()
    {
        [@"C:\Windows\INF/winusb.inf"] = [(@"USB\SOMETHING_ELSE", "WinUSB"), (@"USB\MS_COMP_WINUSB", "WinUSB")],
    };

    /// <summary>The driver that Windows kept for going back.</summary>
    public (string Service, string Class)? Kept { get; set; }

    public List<string> Calls { get; } = [];

    public int OpenHandles => _open.Count;

    public int Open(string instanceId, out nint device)
    {
        device = 0;
        if (windows.LocateDevNode(out var devNode, instanceId) != 0)
        {
            return NoSuchDevice;
        }

        device = _next++;
        _open[device] = (windows.NodeOf(devNode), null);
        return 0;
    }

    public void Close(nint device) => Assert.True(_open.Remove(device), "a device that is not open was closed");

    public int BuildDrivers(nint device, string infPath)
    {
        Calls.Add($"build {Path.GetFileName(infPath)}");
        if (!Files.ContainsKey(infPath))
        {
            return FileNotFound;
        }

        _open[device] = (_open[device].Node, infPath);
        return 0;
    }

    public int Driver(nint device, int index, out string hardwareId)
    {
        hardwareId = "";
        if (_open[device].Inf is not { } inf || index >= Files[inf].Length)
        {
            return NoMoreItems;
        }

        hardwareId = Files[inf][index].HardwareId;
        return 0;
    }

    public int Install(nint device, int index, out bool needsRestart)
    {
        needsRestart = false;
        Calls.Add($"install {index}");
        var (node, inf) = _open[device];
        if (IsRefused || !IsElevated)
        {
            return AccessDenied;
        }

        if (inf is null || index >= Files[inf].Length)
        {
            return NoMoreItems;
        }

        node.Bind(Files[inf][index].Service, "USBDevice");
        node.Properties.Remove(DevicePropertyKey.ProblemCode);
        return 0;
    }

    public int SetInterfaceGuid(nint device, Guid guid)
    {
        Calls.Add("guid");
        _open[device].Node.Value("DeviceInterfaceGUIDs", 7, $"{guid:B}\0\0");
        return 0;
    }

    public int Restart(nint device)
    {
        Calls.Add("restart");
        return 0;
    }

    public int RollBack(nint device, out bool needsRestart)
    {
        needsRestart = false;
        Calls.Add("roll back");
        if (IsRefused)
        {
            return AccessDenied;
        }

        if (Kept is not { } kept)
        {
            return NoMoreItems;
        }

        _open[device].Node.Bind(kept.Service, kept.Class);
        return 0;
    }

    public int Remove(nint device, out bool needsRestart)
    {
        needsRestart = false;
        Calls.Add("remove");
        _open[device].Node.Properties.Remove(DevicePropertyKey.Service);
        return IsRefused ? AccessDenied : 0;
    }

    public int Rescan()
    {
        Calls.Add("rescan");
        return 0;
    }
}
