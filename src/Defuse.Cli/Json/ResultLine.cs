using System.Text.Json.Serialization;

namespace Defuse.Cli.Json;

/// <summary>How it ended; always the last line.</summary>
internal sealed record ResultLine() : JsonLine("result")
{
    public required string Command { get; init; }

    /// <summary>
    /// verified, written-unverified, refused, failed, incomplete, differs, same or cancelled; done where nothing is there to prove.
    /// </summary>
    public required string Outcome { get; init; }

    public required int ExitCode { get; init; }

    /// <summary>How many boards ended how, where there may be several.</summary>
    public JsonBoardCounts? Boards { get; init; }

    public long? BytesWritten { get; init; }

    public long? BytesVerified { get; init; }

    public long? BytesRead { get; init; }

    /// <summary>How many bytes were converted, or differ.</summary>
    public long? Bytes { get; init; }

    /// <summary>The format that was written.</summary>
    public string? Format { get; init; }

    /// <summary>Whether two files differ in nothing but bytes of erased flash.</summary>
    public bool? PaddingOnly { get; init; }

    public int? SectorsErased { get; init; }

    /// <summary>How many transfers had to be repeated; left out if none.</summary>
    public int? Retries { get; init; }

    public bool? Started { get; init; }

    public JsonRange[]? Ranges { get; init; }

    public double? Seconds { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public JsonError? Error { get; init; }

    public string[] Warnings { get; init; } = [];

    public JsonDevice? Device { get; init; }

    public string? File { get; init; }

    /// <summary>The two files that were compared.</summary>
    public string[]? Files { get; init; }
}
