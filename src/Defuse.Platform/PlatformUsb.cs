using System.Runtime.Versioning;
using Defuse.Platform.LibUsb;
using Defuse.Platform.Linux;
using Defuse.Platform.Timing;
using Defuse.Platform.Windows;
using Defuse.Transports;
using Microsoft.Extensions.Logging;

namespace Defuse.Platform;

/// <summary>This machine's own USB.</summary>
public static class PlatformUsb
{
    /// <summary>
    /// The host that sees this machine's USB devices: on Linux and macOS through libusb-1.0; on Windows those that speak DFU, through
    /// libusb-1.0 where it is found and else through WinUSB.
    /// </summary>
    /// <remarks>Where libusb is missing on Linux, devices are listed all the same, with how to install it.</remarks>
    /// <param name="timeProvider">Measures waits for devices; if it is null, or the system's, then one whose timers are precise.</param>
    /// <param name="logger">Told of trouble that does not fail a call; may be null.</param>
    public static IUsbHost CreateHost(TimeProvider? timeProvider = null, ILogger? logger = null)
    {
        var time = timeProvider is null || timeProvider == TimeProvider.System ? PreciseTimeProvider.Create() : timeProvider;
        return OperatingSystem.IsWindows()
            ? CreateWindowsHost(time, logger)
            : new LibUsbHost(new LibUsbNative(), OperatingSystem.IsLinux() ? SysfsInventory.Create() : null, time, logger);
    }

    [SupportedOSPlatform("windows")]
    private static IUsbHost CreateWindowsHost(TimeProvider time, ILogger? logger)
    {
        var native = new WinUsbNative();
        var libUsb = new LibUsbNative();
        var hasLibUsb = libUsb.Missing is null;
        var inventory = new WindowsInventory(new WindowsDeviceTree(), new WindowsLibraries(native.Library(WindowsAccess.LibUsbK) is not null, hasLibUsb));
        return hasLibUsb ? new LibUsbHost(libUsb, inventory, time, logger) : new WinUsbHost(native, inventory, time, logger);
    }
}
