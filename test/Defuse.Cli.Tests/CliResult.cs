using System.Text.Json;

namespace Defuse.Cli.Tests;

/// <summary>What a run of the command line left behind.</summary>
internal sealed record CliResult(int ExitCode, string Out, string Error, byte[] OutBytes)
{
    public IReadOnlyList<JsonElement> Json { get; } =
        Out.StartsWith('{') ? [.. Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(x => JsonDocument.Parse(x).RootElement)] : [];

    public JsonElement Result => Json[^1];
}
