namespace Defuse.Simulator.Chips;

/// <summary>Sectors of one size that follow each other.</summary>
/// <param name="Count">How many.</param>
/// <param name="Size">Bytes of one.</param>
/// <param name="EraseTime">What erasing one takes.</param>
internal readonly record struct SectorGroup(int Count, int Size, TimeSpan EraseTime);
