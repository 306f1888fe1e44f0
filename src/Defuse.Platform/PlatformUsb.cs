using Defuse.Platform.LibUsb;
using Defuse.Platform.Linux;
using Defuse.Transports;
using Microsoft.Extensions.Logging;

namespace Defuse.Platform;

/// <summary>This machine's own USB.</summary>
public static class PlatformUsb
{
    /// <summary>The host that sees this machine's USB devices: on Linux and macOS through libusb-1.0, elsewhere none.</summary>
    /// <remarks>libusb is loaded when it is first needed. Where it is missing on Linux, devices are listed all the same, with how to install it.</remarks>
    /// <param name="timeProvider">Measures waits for devices; the system's clock if null.</param>
    /// <param name="logger">Told of trouble that does not fail a call; may be null.</param>
    public static IUsbHost CreateHost(TimeProvider? timeProvider = null, ILogger? logger = null)
    {
        var time = timeProvider ?? TimeProvider.System;
        if (OperatingSystem.IsWindows())
        {
            return new BlindUsbHost();
        }

        return new LibUsbHost(new LibUsbNative(), OperatingSystem.IsLinux() ? SysfsInventory.Create() : null, time, logger);
    }
}
