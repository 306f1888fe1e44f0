namespace Defuse.Cli.DfuUtil;

/// <summary>Under which name this program was started: one that is called dfu-util takes dfu-util's arguments.</summary>
internal static class ProgramName
{
    public static bool IsDfuUtil() =>
        IsDfuUtil(Environment.ProcessPath) || IsDfuUtil(Environment.GetCommandLineArgs().FirstOrDefault()) || IsDfuUtil(FirstArgument());

    public static bool IsDfuUtil(string? path) =>
        string.Equals(Path.GetFileNameWithoutExtension(path), DfuUtilFrontEnd.Name, StringComparison.OrdinalIgnoreCase);

    // The runtime follows symbolic links before it tells the path; Linux keeps the name that was called.
    private static string? FirstArgument()
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.ReadAllText("/proc/self/cmdline").Split('\0')[0] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
