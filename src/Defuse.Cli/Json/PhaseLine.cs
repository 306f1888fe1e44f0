namespace Defuse.Cli.Json;

/// <summary>A phase began ("started") or is complete ("finished").</summary>
internal sealed record PhaseLine(string Phase, string State, long Bytes, double? Seconds, string? Board = null) : JsonLine("phase");
