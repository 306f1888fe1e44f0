using System.Globalization;

namespace Defuse.Simulator;

/// <summary>The folder in which simulated boards keep their memories, one file an instance.</summary>
public sealed class SimulatedBoardFolder
{
    /// <param name="path">The folder; it is made when the first board is used.</param>
    public SimulatedBoardFolder(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Path = System.IO.Path.GetFullPath(path);
    }

    /// <summary>
    /// The user's own: $DEFUSE_SIMULATOR_DIR if it is set, else defuse/boards below the local application data folder
    /// (on Linux below $XDG_STATE_HOME, or ~/.local/state).
    /// </summary>
    public static SimulatedBoardFolder Default => Resolve(Environment.GetEnvironmentVariable, OperatingSystem.IsLinux());

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    internal static SimulatedBoardFolder Resolve(Func<string, string?> environment, bool linux)
    {
        if (environment("DEFUSE_SIMULATOR_DIR") is { Length: > 0 } named)
        {
            return new(named);
        }

        return new(System.IO.Path.Combine(linux ? StateHome(environment) : LocalApplicationData, "defuse", "boards"));
    }

    internal string FileOf(string board, int instance, string? otherChip) =>
        System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{board}{(otherChip is null ? "" : "." + otherChip)}.{instance}.board"));

    private static string LocalApplicationData =>
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);

    // Relative paths in it are to be ignored (XDG Base Directory Specification).
    private static string StateHome(Func<string, string?> environment) =>
        environment("XDG_STATE_HOME") is { Length: > 0 } state && System.IO.Path.IsPathRooted(state)
            ? state
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
}
