namespace Defuse.Cli.Json;

/// <summary>A piece of memory.</summary>
internal sealed record JsonMemoryPiece(string? Name, string Start, long Bytes);
