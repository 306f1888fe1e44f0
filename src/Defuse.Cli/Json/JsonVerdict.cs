namespace Defuse.Cli.Json;

/// <summary>Whether a file can be flashed to a board or chip, as flashing itself would say.</summary>
internal sealed record JsonVerdict(string Target, string Chip, bool Fits, string[] Refusals, string[] Warnings);
