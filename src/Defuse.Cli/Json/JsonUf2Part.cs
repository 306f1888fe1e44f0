namespace Defuse.Cli.Json;

/// <summary>What a UF2 file holds for one family.</summary>
internal sealed record JsonUf2Part(string? Family, string? Name, int Blocks, long Bytes);
