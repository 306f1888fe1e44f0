namespace Defuse.Cli.Json;

/// <summary>A sector of a plan.</summary>
internal sealed record JsonSector(int Number, string Start, long Length, long ImageBytes, string Decision);
