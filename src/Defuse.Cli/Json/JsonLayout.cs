namespace Defuse.Cli.Json;

/// <summary>One way that flash is cut into sectors.</summary>
internal sealed record JsonLayout(string Name, long Bytes, bool DualBank, JsonSectorRun[] Sectors);
