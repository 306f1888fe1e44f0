using Defuse.Diagnostics;
using Defuse.Platform.Inventory;
using Defuse.Platform.Linux;
using Defuse.Transports;

namespace Defuse.Platform;

/// <summary>What is plugged into this machine, whether it can be opened or not.</summary>
public static class PlatformInventory
{
    /// <summary>The source that looks at this machine: on Linux at sysfs and udev, elsewhere at what the USB host tells.</summary>
    /// <param name="serial">Lists the serial ports; null for this machine's own, where Defuse can list them.</param>
    /// <param name="usb">Lists the USB devices where the operating system's own records are not read; may be null.</param>
    public static IHostInventorySource Create(ISerialHost? serial, IUsbHost? usb = null)
    {
        serial ??= OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? PlatformSerial.CreateHost() : null;
        return OperatingSystem.IsLinux() ? LinuxHostInventory.Create(serial) : new PlainHostInventory(serial, usb);
    }
}
