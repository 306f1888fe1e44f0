namespace Defuse.Cli.Json;

/// <summary>Something in memory that flashing would destroy.</summary>
internal sealed record JsonLoss(string Start, long Length, string What);
