namespace Defuse.Cli.Json;

/// <summary>A simulated board that is served over USB/IP.</summary>
internal sealed record ExportLine(string Board, string BusId, string Address) : JsonLine("export");
