namespace Defuse.Cli.Json;

/// <summary>A chip that a device may be.</summary>
internal sealed record JsonCandidate(string Chip, string[] Evidence);
