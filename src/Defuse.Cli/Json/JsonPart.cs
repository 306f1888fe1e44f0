namespace Defuse.Cli.Json;

/// <summary>A part number of a chip; sizes in bytes.</summary>
internal sealed record JsonPart(string Name, long Flash, long Ram);
