namespace Defuse.Platform.Windows;

/// <summary>
/// The calls of Windows' configuration manager (cfgmgr32.dll) and registry (advapi32.dll) that tell of devices, call by call.
/// Each returns what the call returns: a CONFIGRET, or for the registry a Win32 error.
/// </summary>
/// <remarks>
/// Lists are texts that each end in NUL, with one more NUL behind the last one. Sizes are in characters for lists and in bytes
/// for properties and values.
/// </remarks>
internal interface IWindowsDeviceTree
{
    /// <summary>CM_Get_Device_ID_List_SizeW.</summary>
    uint GetDeviceIdListSize(out uint length, string filter, uint flags);

    /// <summary>CM_Get_Device_ID_ListW.</summary>
    uint GetDeviceIdList(string filter, Span<char> buffer, uint flags);

    /// <summary>CM_Locate_DevNodeW with CM_LOCATE_DEVNODE_NORMAL: finds devices that are present, and no others.</summary>
    uint LocateDevNode(out uint devNode, string deviceId);

    /// <summary>CM_Get_Parent.</summary>
    uint GetParent(out uint parent, uint devNode);

    /// <summary>CM_Get_DevNode_PropertyW.</summary>
    /// <param name="devNode">The device.</param>
    /// <param name="key">Which property.</param>
    /// <param name="type">What kind of value it is.</param>
    /// <param name="buffer">Takes the value; may be empty, to learn its size.</param>
    /// <param name="size">How many bytes the value has, also when the buffer is too small.</param>
    uint GetDevNodeProperty(uint devNode, DevicePropertyKey key, out uint type, Span<byte> buffer, out uint size);

    /// <summary>CM_Get_Device_Interface_List_SizeW for present interfaces.</summary>
    /// <param name="length">How many characters the list has.</param>
    /// <param name="interfaceClass">The class of interfaces.</param>
    /// <param name="deviceId">Only those of this device; null for those of all.</param>
    uint GetDeviceInterfaceListSize(out uint length, Guid interfaceClass, string? deviceId);

    /// <summary>CM_Get_Device_Interface_ListW for present interfaces.</summary>
    uint GetDeviceInterfaceList(Guid interfaceClass, string? deviceId, Span<char> buffer);

    /// <summary>CM_Get_Device_Interface_PropertyW.</summary>
    uint GetDeviceInterfaceProperty(string path, DevicePropertyKey key, out uint type, Span<byte> buffer, out uint size);

    /// <summary>CM_Open_DevNode_Key: the existing key "Device Parameters" of a device, to be read.</summary>
    uint OpenDevNodeKey(uint devNode, out nint key);

    /// <summary>RegQueryValueExW.</summary>
    int QueryValue(nint key, string name, out uint type, Span<byte> buffer, out uint size);

    /// <summary>RegCloseKey.</summary>
    void CloseKey(nint key);

    /// <summary>CM_Register_Notification for all device instances; disposing it is CM_Unregister_Notification.</summary>
    /// <param name="changed">Called on a thread of Windows' own, and not after it is disposed. It must not dispose it.</param>
    /// <param name="registration">What ends it; null if it failed.</param>
    uint RegisterNotification(Action changed, out IDisposable? registration);
}
