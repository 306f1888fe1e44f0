using Defuse.Diagnostics;
using Defuse.Platform.Linux;
using Defuse.Platform.Commands;

namespace Defuse.Platform;

/// <summary>Mends this computer's settings.</summary>
public static class PlatformMending
{
    /// <summary>What mends this computer; null where nothing can be mended: on macOS nothing needs to be.</summary>
    /// <param name="hasTerminal">Whether a person could be asked for a password on this process's terminal.</param>
    public static IMender? Create(bool hasTerminal) => OperatingSystem.IsLinux() ? CreateLinux(hasTerminal) : null;

    private static UdevMender CreateLinux(bool hasTerminal)
    {
        static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
        var user = new MendingUser(
            Environment.UserName, Environment.IsPrivilegedProcess, hasTerminal, IsSet("DISPLAY") || IsSet("WAYLAND_DISPLAY"));
        return new UdevMender(new ProcessCommandRunner(), "/", user);
    }
}
