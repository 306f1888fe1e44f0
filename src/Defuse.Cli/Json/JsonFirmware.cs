namespace Defuse.Cli.Json;

/// <summary>What firmware says that it is.</summary>
internal sealed record JsonFirmware(string Name, string? Version, string? Date, string? Board, string? Mcu);
