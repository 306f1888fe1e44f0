namespace Defuse.Cli.Json;

/// <summary>A sector that an image touches.</summary>
internal sealed record JsonSectorUse(int Number, string Start, long Length, long ImageBytes);
