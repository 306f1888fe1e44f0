using Defuse.Platform.Linux;
using Defuse.Transports;

namespace Defuse.Platform;

/// <summary>This machine's own USB.</summary>
public static class PlatformUsb
{
    /// <summary>
    /// The host that sees this machine's USB devices: on Linux all of them, each with what to do to open it over USB/IP;
    /// elsewhere none.
    /// </summary>
    public static IUsbHost CreateHost() =>
        OperatingSystem.IsLinux() ? new SysfsUsbHost(SysfsUsbHost.DefaultRoot) : new BlindUsbHost();
}
