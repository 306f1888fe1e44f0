using Defuse.Platform.Serial;
using Defuse.Platform.Windows;

namespace Defuse.Platform;

/// <summary>The terminal that this process runs in.</summary>
public static class PlatformTerminal
{
    /// <summary>What is typed, key by key as it is typed, with nothing shown by itself; Ctrl-C is a key like any other.</summary>
    /// <remarks>Disposing it gives the terminal back as it was. So does the end of the process, unless it is killed. Never run on Windows and macOS.</remarks>
    /// <returns>Bytes in UTF-8, function keys as the terminal's escape sequences; null if standard input is no terminal.</returns>
    public static Stream? OpenKeyboard() =>
        OperatingSystem.IsLinux() ? UnixKeyboard.Open(new LinuxTerminal(), file: 0)
        : OperatingSystem.IsMacOS() ? UnixKeyboard.Open(new MacTerminal(), file: 0)
        : OperatingSystem.IsWindows() ? WindowsKeyboard.Open()
        : null;
}
