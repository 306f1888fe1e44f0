namespace Defuse.Formats;

/// <summary>What a UF2 file holds for one family.</summary>
/// <param name="Family">The family's number; null for blocks that name none.</param>
/// <param name="Blocks">How many blocks are for it, repeats included.</param>
/// <param name="Bytes">How many bytes they bring to the main flash, repeats included.</param>
public sealed record Uf2Part(uint? Family, int Blocks, long Bytes);
