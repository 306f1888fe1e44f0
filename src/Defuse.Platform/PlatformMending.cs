using System.Runtime.Versioning;
using Defuse.Diagnostics;
using Defuse.Platform.Commands;
using Defuse.Platform.LibUsb;
using Defuse.Platform.Linux;
using Defuse.Platform.Windows;

namespace Defuse.Platform;

/// <summary>Mends this computer's settings.</summary>
public static class PlatformMending
{
    /// <summary>What mends this computer; null where nothing can be mended: on macOS nothing needs to be.</summary>
    /// <param name="hasTerminal">Whether a person could be asked for a password on this process's terminal.</param>
    public static IMender? Create(bool hasTerminal) => OperatingSystem.IsLinux() ? CreateLinux(hasTerminal) : OperatingSystem.IsWindows() ? CreateWindows() : null;

    [SupportedOSPlatform("windows")]
    private static WinUsbMender CreateWindows()
    {
        var tree = new WindowsDeviceTree();
        var reader = new WindowsDeviceReader(tree);
        var libraries = new WindowsLibraries(new WinUsbNative().Library(WindowsAccess.LibUsbK) is not null, new LibUsbNative().Missing is null);
        var records = Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "defuse", "drivers.json");
        return new WinUsbMender(
            new WindowsInventory(tree, libraries),
            x => reader.Locate(x) is { } devNode ? reader.Text(devNode, DevicePropertyKey.DriverFile) : null,
            new WindowsDriverSetup(),
            new DriverRecords(records),
            Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.Windows), "INF"));
    }

    private static UdevMender CreateLinux(bool hasTerminal)
    {
        static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
        var user = new MendingUser(
            Environment.UserName, Environment.IsPrivilegedProcess, hasTerminal, IsSet("DISPLAY") || IsSet("WAYLAND_DISPLAY"));
        return new UdevMender(new ProcessCommandRunner(), "/", user);
    }
}
