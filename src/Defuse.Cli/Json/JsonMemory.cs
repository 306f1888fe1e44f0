namespace Defuse.Cli.Json;

/// <summary>Sectors of one size in a device's memory.</summary>
internal sealed record JsonMemory(string Name, JsonRange Range, int Sectors);
