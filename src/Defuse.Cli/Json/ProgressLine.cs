namespace Defuse.Cli.Json;

/// <summary>A phase got further; not every step is told of.</summary>
internal sealed record ProgressLine(
    string Phase, string Address, long Bytes, long TotalBytes, double BytesPerSecond, double? SecondsLeft, string? Board = null) : JsonLine("progress");
