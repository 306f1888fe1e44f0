namespace Defuse.Platform.Commands;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Error">What it wrote to standard error.</param>
internal sealed record CommandResult(int ExitCode, string Error)
{
    /// <summary>The last line that it wrote to standard error, or its exit code.</summary>
    public string Reason => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"exit code {ExitCode}";
}
