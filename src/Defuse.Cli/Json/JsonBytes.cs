namespace Defuse.Cli.Json;

/// <summary>Bytes and where they are.</summary>
internal sealed record JsonBytes(string Address, string Hex);
