namespace Defuse.Cli.Json;

/// <summary>A field of the option bytes.</summary>
internal sealed record JsonOptionField(string Register, string Address, string Name, int Bit, int Width, uint Value, string? Meaning);
