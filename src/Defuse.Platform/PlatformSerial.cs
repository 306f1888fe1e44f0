using Defuse.Platform.Serial;
using Defuse.Platform.Timing;
using Defuse.Platform.Windows;
using Defuse.Transports;
using Microsoft.Extensions.Logging;

namespace Defuse.Platform;

/// <summary>This machine's own serial ports.</summary>
public static class PlatformSerial
{
    /// <summary>The host that sees this machine's serial ports: on Linux and macOS by termios, on Windows by its own calls (never run on Windows).</summary>
    /// <remarks>Linux and Windows tell which USB device is behind a port; of macOS only the names of ports are known.</remarks>
    /// <param name="time">Measures waits; if it is null, or the system's, then one whose timers are precise.</param>
    /// <param name="logger">Told of trouble that does not fail a call; may be null.</param>
    /// <exception cref="PlatformNotSupportedException">The system is none of these.</exception>
    public static ISerialHost CreateHost(TimeProvider? time = null, ILogger? logger = null)
    {
        time = time is null || time == TimeProvider.System ? PreciseTimeProvider.Create() : time;
        return OperatingSystem.IsLinux() ? new UnixSerialHost(new LinuxTerminal(), LinuxSerialInventory.Create(), time, logger)
            : OperatingSystem.IsMacOS() ? new UnixSerialHost(new MacTerminal(), new MacSerialInventory("/dev"), time, logger)
            : OperatingSystem.IsWindows() ? new WindowsSerialHost(new WindowsSerial(), new WindowsSerialInventory(new WindowsDeviceTree()), time)
            : throw new PlatformNotSupportedException("There are no serial ports on this system that Defuse can open.");
    }
}
