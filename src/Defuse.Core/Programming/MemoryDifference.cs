namespace Defuse.Programming;

/// <summary>The first byte that is not as it should be, and how many there are.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Expected">What it should be.</param>
/// <param name="Found">What it is.</param>
/// <param name="Count">How many bytes differ in all.</param>
public sealed record MemoryDifference(uint Address, byte Expected, byte Found, long Count);
