namespace Defuse.Cli.Json;

/// <summary>A DfuSe file's target.</summary>
internal sealed record JsonTarget(int AlternateSetting, string? Name, JsonRange[] Elements);
