namespace Defuse.Cli.DfuUtil;

/// <summary>Ends a run in dfu-util's way: with words on stderr and an exit code.</summary>
internal sealed class DfuUtilException(int exitCode, string message, string? remedy = null) : Exception(message)
{
    public int ExitCode => exitCode;

    public string? Remedy => remedy;

    /// <summary>Whether the usage follows the words.</summary>
    public bool ShowsUsage { get; init; }

    /// <summary>Whether the words begin with the program's name.</summary>
    public bool HasPrefix { get; init; } = true;
}
