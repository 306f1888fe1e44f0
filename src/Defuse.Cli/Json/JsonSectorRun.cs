namespace Defuse.Cli.Json;

/// <summary>Sectors of one size.</summary>
internal sealed record JsonSectorRun(string Start, int Count, long Size);
