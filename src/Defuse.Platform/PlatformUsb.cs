using Defuse.Platform.Linux;
using Defuse.Platform.Timing;
using Defuse.Platform.Windows;
using Defuse.Transports;

namespace Defuse.Platform;

/// <summary>This machine's own USB.</summary>
public static class PlatformUsb
{
    /// <summary>
    /// The host that sees this machine's USB devices: on Linux all of them, each with what to do to open it over USB/IP; on Windows
    /// those that speak DFU, opened through WinUSB; elsewhere none.
    /// </summary>
    public static IUsbHost CreateHost()
    {
        if (OperatingSystem.IsLinux())
        {
            return new SysfsUsbHost(SysfsUsbHost.DefaultRoot);
        }

        if (OperatingSystem.IsWindows())
        {
            var native = new WinUsbNative();
            var libraries = new WindowsLibraries(HasLibUsbK: native.Library(WindowsAccess.LibUsbK) is not null, HasLibUsb: false);
            return new WinUsbHost(native, new WindowsInventory(new WindowsDeviceTree(), libraries), PreciseTimeProvider.Create());
        }

        return new BlindUsbHost();
    }
}
