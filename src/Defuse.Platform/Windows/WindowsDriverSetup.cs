using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Defuse.Platform.Windows;

/// <summary>The real calls. Written after Microsoft's documentation and never run on Windows.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WindowsDriverSetup : IWindowsDriverSetup
{
    private const int ClassDriver = 1;
    private const uint EnumerateSingleInf = 0x00010000;
    private const uint AllowExcludedDrivers = 0x00000800;
    private const uint Global = 1;
    private const uint DeviceKey = 1;
    private const uint SetValue = 0x0002;
    private const uint MultiString = 7;
    private const int InsufficientBuffer = 122;
    private const int NotFound = 1168;

    // SP_DEVINFO_DATA, SP_DRVINFO_DATA_V2_W, SP_DEVINSTALL_PARAMS_W and the beginning of SP_DRVINFO_DETAIL_DATA_W, as setupapi.h
    // lays them out: with the alignment of pointers on 64 bits.
    private const int MostPath = 260;
    private const int LineLength = 256;

    private readonly Dictionary<nint, DeviceInfo> _open = [];

    public bool IsElevated => Environment.IsPrivilegedProcess;

    public int Open(string instanceId, out nint device)
    {
        device = SetupDiCreateDeviceInfoList(0, 0);
        if (device is 0 or -1)
        {
            return Last();
        }

        var info = new DeviceInfo { Size = (uint)sizeof(DeviceInfo) };
        if (SetupDiOpenDeviceInfoW(device, instanceId, 0, 0, &info) == 0)
        {
            var error = Last();
            _ = SetupDiDestroyDeviceInfoList(device);
            return error;
        }

        _open[device] = info;
        return 0;
    }

    public void Close(nint device)
    {
        if (_open.Remove(device, out var info))
        {
            _ = SetupDiDestroyDriverInfoList(device, &info, ClassDriver);
            _ = SetupDiDestroyDeviceInfoList(device);
        }
    }

    public int BuildDrivers(nint device, string infPath)
    {
        var info = _open[device];
        _ = SetupDiDestroyDriverInfoList(device, &info, ClassDriver);
        var parameters = new InstallParameters { Size = (uint)sizeof(InstallParameters) };
        if (infPath.Length >= MostPath)
        {
            return InsufficientBuffer;
        }

        if (SetupDiGetDeviceInstallParamsW(device, &info, &parameters) == 0)
        {
            return Last();
        }

        parameters.Flags |= EnumerateSingleInf;
        parameters.FlagsEx |= AllowExcludedDrivers;
        var path = new Span<char>(parameters.DriverPath, MostPath);
        path.Clear();
        infPath.CopyTo(path);
        return SetupDiSetDeviceInstallParamsW(device, &info, &parameters) == 0 || SetupDiBuildDriverInfoList(device, &info, ClassDriver) == 0 ? Last() : 0;
    }

    public int Driver(nint device, int index, out string hardwareId)
    {
        hardwareId = "";
        var info = _open[device];
        var driver = new DriverInfo { Size = (uint)sizeof(DriverInfo) };
        if (SetupDiEnumDriverInfoW(device, &info, ClassDriver, (uint)index, &driver) == 0)
        {
            return Last();
        }

        // The hardware id is the last member, and longer than the structure has room for; both are counted from offsetof.
        var buffer = new byte[16 * 1024];
        fixed (byte* detail = buffer)
        {
            *(uint*)detail = DetailSize;
            if (SetupDiGetDriverInfoDetailW(device, &info, &driver, detail, (uint)buffer.Length, 0) == 0)
            {
                return Last();
            }

            hardwareId = new string((char*)(detail + DetailHardwareId));
            return 0;
        }
    }

    public int Install(nint device, int index, out bool needsRestart)
    {
        needsRestart = false;
        var info = _open[device];
        var driver = new DriverInfo { Size = (uint)sizeof(DriverInfo) };
        if (SetupDiEnumDriverInfoW(device, &info, ClassDriver, (uint)index, &driver) == 0 || SetupDiSetSelectedDriverW(device, &info, &driver) == 0)
        {
            return Last();
        }

        var restart = 0;
        var error = DiInstallDevice(0, device, &info, &driver, 0, &restart) == 0 ? Last() : 0;
        needsRestart = restart != 0;
        return error;
    }

    public int SetInterfaceGuid(nint device, Guid guid)
    {
        var info = _open[device];
        var key = SetupDiCreateDevRegKeyW(device, &info, Global, 0, DeviceKey, 0, 0);
        if (key is 0 or -1)
        {
            return Last();
        }

        // One text, and the NUL that ends the list.
        var value = Encoding.Unicode.GetBytes($"{guid:B}\0\0");
        fixed (byte* bytes = value)
        {
            var error = RegSetValueExW(key, "DeviceInterfaceGUIDs", 0, MultiString, bytes, (uint)value.Length);
            _ = RegCloseKey(key);
            return error;
        }
    }

    public int Restart(nint device)
    {
        var devNode = _open[device].DevNode;
        return CM_Disable_DevNode(devNode, 0) == 0 && CM_Enable_DevNode(devNode, 0) == 0 ? 0 : NotFound;
    }

    public int RollBack(nint device, out bool needsRestart)
    {
        var info = _open[device];
        var restart = 0;
        var error = DiRollbackDriver(device, &info, 0, 0, &restart) == 0 ? Last() : 0;
        needsRestart = restart != 0;
        return error;
    }

    public int Remove(nint device, out bool needsRestart)
    {
        var info = _open[device];
        var restart = 0;
        var error = DiUninstallDevice(0, device, &info, 0, &restart) == 0 ? Last() : 0;
        needsRestart = restart != 0;
        return error;
    }

    public int Rescan()
    {
        uint root = 0;
        return CM_Locate_DevNodeW(&root, null, 0) == 0 && CM_Reenumerate_DevNode(root, 0) == 0 ? 0 : NotFound;
    }

    // sizeof(SP_DRVINFO_DETAIL_DATA_W) and the place of HardwareID in it: cbSize, InfDate, two DWORDs and a pointer, then texts of 256, 260
    // and 256 characters.
    private static uint DetailSize => IntPtr.Size == 8 ? 1584u : 1570u;

    private static int DetailHardwareId => (IntPtr.Size == 8 ? 32 : 24) + (2 * (LineLength + MostPath + LineLength));

    private static int Last() => Marshal.GetLastPInvokeError() is not 0 and var error ? error : NotFound;

    [LibraryImport("setupapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint SetupDiCreateDeviceInfoList(nint classGuid, nint window);

    [LibraryImport("setupapi.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetupDiOpenDeviceInfoW(nint set, string instanceId, nint window, uint flags, DeviceInfo* info);

    [LibraryImport("setupapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetupDiDestroyDeviceInfoList(nint set);

    [LibraryImport("setupapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetupDiGetDeviceInstallParamsW(nint set, DeviceInfo* info, InstallParameters* parameters);

    [LibraryImport("setupapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetupDiSetDeviceInstallParamsW(nint set, DeviceInfo* info, InstallParameters* parameters);

    [LibraryImport("setupapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetupDiBuildDriverInfoList(nint set, DeviceInfo* info, int type);

    [LibraryImport("setupapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetupDiDestroyDriverInfoList(nint set, DeviceInfo* info, int type);

    [LibraryImport("setupapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetupDiEnumDriverInfoW(nint set, DeviceInfo* info, int type, uint index, DriverInfo* driver);

    [LibraryImport("setupapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetupDiGetDriverInfoDetailW(nint set, DeviceInfo* info, DriverInfo* driver, byte* detail, uint size, nint needed);

    [LibraryImport("setupapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetupDiSetSelectedDriverW(nint set, DeviceInfo* info, DriverInfo* driver);

    [LibraryImport("setupapi.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint SetupDiCreateDevRegKeyW(nint set, DeviceInfo* info, uint scope, uint profile, uint keyType, nint inf, nint section);

    [LibraryImport("newdev.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int DiInstallDevice(nint window, nint set, DeviceInfo* info, DriverInfo* driver, uint flags, int* needsRestart);

    [LibraryImport("newdev.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int DiRollbackDriver(nint set, DeviceInfo* info, nint window, uint flags, int* needsRestart);

    [LibraryImport("newdev.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int DiUninstallDevice(nint window, nint set, DeviceInfo* info, uint flags, int* needsRestart);

    [LibraryImport("cfgmgr32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Disable_DevNode(uint devNode, uint flags);

    [LibraryImport("cfgmgr32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Enable_DevNode(uint devNode, uint flags);

    [LibraryImport("cfgmgr32.dll", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Locate_DevNodeW(uint* devNode, string? deviceId, uint flags);

    [LibraryImport("cfgmgr32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Reenumerate_DevNode(uint devNode, uint flags);

    [LibraryImport("advapi32.dll", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int RegSetValueExW(nint key, string name, uint reserved, uint type, byte* data, uint size);

    [LibraryImport("advapi32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int RegCloseKey(nint key);

    [StructLayout(LayoutKind.Sequential)]
    private struct DeviceInfo
    {
        public uint Size;
        public Guid ClassGuid;
        public uint DevNode;
        public nint Reserved;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct DriverInfo
    {
        public uint Size;
        public uint Type;
        public nint Reserved;
        public fixed char Description[LineLength];
        public fixed char Manufacturer[LineLength];
        public fixed char Provider[LineLength];
        public uint DateLow;
        public uint DateHigh;
        public ulong Version;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct InstallParameters
    {
        public uint Size;
        public uint Flags;
        public uint FlagsEx;
        public nint Window;
        public nint MessageHandler;
        public nint MessageHandlerContext;
        public nint FileQueue;
        public nint ClassInstallReserved;
        public uint Reserved;
        public fixed char DriverPath[MostPath];
    }
}
