using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Defuse.Platform.Windows;

/// <summary>The real calls. Written after Microsoft's documentation and never run on Windows.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WindowsDeviceTree : IWindowsDeviceTree
{
    private const uint KeyRead = 0x00020019;
    private const uint OpenExisting = 1;
    private const uint InvalidPointer = 0x03;

    // CM_NOTIFY_FILTER: four DWORDs, then a union whose largest part is WCHAR[MAX_DEVICE_ID_LEN], 200 of them.
    private const int FilterSize = 16 + (2 * 200);
    private const uint AllDeviceInstances = 2;
    private const uint FilterTypeDeviceInstance = 2;

    public uint GetDeviceIdListSize(out uint length, string filter, uint flags)
    {
        uint found = 0;
        var result = CM_Get_Device_ID_List_SizeW(&found, filter, flags);
        length = found;
        return result;
    }

    public uint GetDeviceIdList(string filter, Span<char> buffer, uint flags)
    {
        fixed (char* start = buffer)
        {
            return CM_Get_Device_ID_ListW(filter, start, (uint)buffer.Length, flags);
        }
    }

    public uint LocateDevNode(out uint devNode, string deviceId)
    {
        uint found = 0;
        var result = CM_Locate_DevNodeW(&found, deviceId, 0);
        devNode = found;
        return result;
    }

    public uint GetParent(out uint parent, uint devNode)
    {
        uint found = 0;
        var result = CM_Get_Parent(&found, devNode, 0);
        parent = found;
        return result;
    }

    public uint GetDevNodeProperty(uint devNode, DevicePropertyKey key, out uint type, Span<byte> buffer, out uint size)
    {
        uint kind = 0;
        var length = (uint)buffer.Length;
        uint result;
        fixed (byte* start = buffer)
        {
            result = CM_Get_DevNode_PropertyW(devNode, &key, &kind, start, &length, 0);
        }

        (type, size) = (kind, length);
        return result;
    }

    public uint GetDeviceInterfaceListSize(out uint length, Guid interfaceClass, string? deviceId)
    {
        uint found = 0;
        var result = CM_Get_Device_Interface_List_SizeW(&found, &interfaceClass, deviceId, 0);
        length = found;
        return result;
    }

    public uint GetDeviceInterfaceList(Guid interfaceClass, string? deviceId, Span<char> buffer)
    {
        fixed (char* start = buffer)
        {
            return CM_Get_Device_Interface_ListW(&interfaceClass, deviceId, start, (uint)buffer.Length, 0);
        }
    }

    public uint GetDeviceInterfaceProperty(string path, DevicePropertyKey key, out uint type, Span<byte> buffer, out uint size)
    {
        uint kind = 0;
        var length = (uint)buffer.Length;
        uint result;
        fixed (byte* start = buffer)
        {
            result = CM_Get_Device_Interface_PropertyW(path, &key, &kind, start, &length, 0);
        }

        (type, size) = (kind, length);
        return result;
    }

    public uint OpenDevNodeKey(uint devNode, out nint key)
    {
        nint opened = 0;
        var result = CM_Open_DevNode_Key(devNode, KeyRead, 0, OpenExisting, &opened, 0);
        key = opened;
        return result;
    }

    public int QueryValue(nint key, string name, out uint type, Span<byte> buffer, out uint size)
    {
        uint kind = 0;
        var length = (uint)buffer.Length;
        int result;
        fixed (byte* start = buffer)
        {
            result = RegQueryValueExW(key, name, 0, &kind, start, &length);
        }

        (type, size) = (kind, length);
        return result;
    }

    public void CloseKey(nint key) => _ = RegCloseKey(key);

    public uint RegisterNotification(Action changed, out IDisposable? registration)
    {
        var filter = stackalloc byte[FilterSize];
        new Span<byte>(filter, FilterSize).Clear();
        var words = (uint*)filter;
        words[0] = FilterSize;
        words[1] = AllDeviceInstances;
        words[2] = FilterTypeDeviceInstance;
        var context = GCHandle.Alloc(changed);
        nint handle = 0;
        var result = CM_Register_Notification(filter, GCHandle.ToIntPtr(context), &Notified, &handle);
        if (result != 0 || handle == 0)
        {
            context.Free();
            registration = null;
            return result != 0 ? result : InvalidPointer;
        }

        registration = new Registration(handle, context);
        return result;
    }

    // An exception must not get into Windows' code.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvStdcall)])]
    private static uint Notified(nint handle, nint context, int action, nint data, uint size)
    {
        try
        {
            ((Action)GCHandle.FromIntPtr(context).Target!)();
        }
#pragma warning disable CA1031 // see above; what is called only sets a flag
        catch
        {
        }
#pragma warning restore CA1031
        return 0;
    }

    [LibraryImport("cfgmgr32.dll", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Get_Device_ID_List_SizeW(uint* length, string filter, uint flags);

    [LibraryImport("cfgmgr32.dll", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Get_Device_ID_ListW(string filter, char* buffer, uint length, uint flags);

    [LibraryImport("cfgmgr32.dll", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Locate_DevNodeW(uint* devNode, string deviceId, uint flags);

    [LibraryImport("cfgmgr32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Get_Parent(uint* parent, uint devNode, uint flags);

    [LibraryImport("cfgmgr32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Get_DevNode_PropertyW(uint devNode, DevicePropertyKey* key, uint* type, byte* buffer, uint* size, uint flags);

    [LibraryImport("cfgmgr32.dll", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Get_Device_Interface_List_SizeW(uint* length, Guid* interfaceClass, string? deviceId, uint flags);

    [LibraryImport("cfgmgr32.dll", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Get_Device_Interface_ListW(Guid* interfaceClass, string? deviceId, char* buffer, uint length, uint flags);

    [LibraryImport("cfgmgr32.dll", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Get_Device_Interface_PropertyW(
        string path, DevicePropertyKey* key, uint* type, byte* buffer, uint* size, uint flags);

    [LibraryImport("cfgmgr32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Open_DevNode_Key(uint devNode, uint access, uint hardwareProfile, uint disposition, nint* key, uint flags);

    [LibraryImport("cfgmgr32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Register_Notification(
        byte* filter, nint context, delegate* unmanaged[Stdcall]<nint, nint, int, nint, uint, uint> callback, nint* handle);

    [LibraryImport("cfgmgr32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint CM_Unregister_Notification(nint handle);

    [LibraryImport("advapi32.dll", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int RegQueryValueExW(nint key, string name, nint reserved, uint* type, byte* buffer, uint* size);

    [LibraryImport("advapi32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int RegCloseKey(nint key);

    private sealed class Registration(nint handle, GCHandle context) : IDisposable
    {
        private int _isDisposed;

        public void Dispose()
        {
            // It waits for callbacks that run; none comes after it.
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                _ = CM_Unregister_Notification(handle);
                context.Free();
            }
        }
    }
}
