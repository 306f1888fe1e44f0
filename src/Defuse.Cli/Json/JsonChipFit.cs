namespace Defuse.Cli.Json;

/// <summary>Whether an image is for a chip with its flash cut in one way.</summary>
internal sealed record JsonChipFit(string Chip, string Id, string Layout, long Flash, bool Fits, string[] Reasons);
