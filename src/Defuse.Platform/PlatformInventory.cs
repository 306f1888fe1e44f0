using System.Runtime.Versioning;
using Defuse.Diagnostics;
using Defuse.Platform.Inventory;
using Defuse.Platform.LibUsb;
using Defuse.Platform.Linux;
using Defuse.Platform.Windows;
using Defuse.Transports;

namespace Defuse.Platform;

/// <summary>What is plugged into this machine, whether it can be opened or not.</summary>
public static class PlatformInventory
{
    /// <summary>The source that looks at this machine: on Linux at sysfs and udev, on Windows at what Device Manager shows, elsewhere at what the USB host tells.</summary>
    /// <param name="serial">Lists the serial ports; null for this machine's own, where Defuse can list them.</param>
    /// <param name="usb">Lists the USB devices where the operating system's own records are not read; null for this machine's own.</param>
    /// <param name="lookAtPrograms">
    /// Whether to find out which programs have what open, and whether ModemManager runs: on Linux all processes are looked at for that.
    /// </param>
    public static IHostInventorySource Create(ISerialHost? serial, IUsbHost? usb = null, bool lookAtPrograms = true)
    {
        serial ??= OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? PlatformSerial.CreateHost() : null;
        return OperatingSystem.IsWindows() ? CreateWindows() : OperatingSystem.IsLinux() ? LinuxHostInventory.Create(serial, lookAtPrograms) : new PlainHostInventory(serial, usb ?? PlatformUsb.CreateHost());
    }

    [SupportedOSPlatform("windows")]
    private static WindowsHostInventory CreateWindows() =>
        new(new WindowsDeviceTree(), new WindowsLibraries(new WinUsbNative().Library(WindowsAccess.LibUsbK) is not null, new LibUsbNative().Missing is null), new WindowsSystem());
}
