namespace Defuse.Platform.Windows;

/// <summary>
/// What Windows' setupapi.dll and newdev.dll do to the driver of one device. Each returns a Win32 error as GetLastError has it, or 0;
/// those that change something fail with ERROR_ACCESS_DENIED where this process has no administrator's rights.
/// </summary>
internal interface IWindowsDriverSetup
{
    /// <summary>Whether this process has an administrator's rights.</summary>
    bool IsElevated { get; }

    /// <summary>SetupDiCreateDeviceInfoList, SetupDiOpenDeviceInfoW.</summary>
    int Open(string instanceId, out nint device);

    /// <summary>SetupDiDestroyDriverInfoList, SetupDiDestroyDeviceInfoList.</summary>
    void Close(nint device);

    /// <summary>SetupDiSetDeviceInstallParamsW with DI_ENUMSINGLEINF and the file's path, SetupDiBuildDriverInfoList with SPDIT_CLASSDRIVER.</summary>
    int BuildDrivers(nint device, string infPath);

    /// <summary>SetupDiEnumDriverInfoW, SetupDiGetDriverInfoDetailW: the hardware id that a driver is for. ERROR_NO_MORE_ITEMS behind the last one.</summary>
    int Driver(nint device, int index, out string hardwareId);

    /// <summary>SetupDiSetSelectedDriverW, DiInstallDevice.</summary>
    int Install(nint device, int index, out bool needsRestart);

    /// <summary>SetupDiCreateDevRegKeyW with DIREG_DEV, RegSetValueExW: DeviceInterfaceGUIDs, as REG_MULTI_SZ, under the key "Device Parameters".</summary>
    int SetInterfaceGuid(nint device, Guid guid);

    /// <summary>CM_Disable_DevNode and CM_Enable_DevNode: only then WinUSB takes notice of the GUID.</summary>
    int Restart(nint device);

    /// <summary>DiRollbackDriver: the driver before. ERROR_NO_MORE_ITEMS if Windows kept none.</summary>
    int RollBack(nint device, out bool needsRestart);

    /// <summary>DiUninstallDevice: Windows forgets the device and its driver.</summary>
    int Remove(nint device, out bool needsRestart);

    /// <summary>CM_Reenumerate_DevNode of the root: Windows finds devices anew, and chooses drivers for those that it does not know.</summary>
    int Rescan();
}
