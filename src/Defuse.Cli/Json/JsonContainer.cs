namespace Defuse.Cli.Json;

/// <summary>The archive that a firmware file came out of.</summary>
internal sealed record JsonContainer(string Kind, string? Member, long Bytes);
