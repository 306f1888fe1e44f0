namespace Defuse.Simulator;

/// <summary>A sector of a simulated chip's flash memory, the least that it erases.</summary>
/// <param name="Index">Its number, counted from 0 through all banks.</param>
/// <param name="Address">Where it begins.</param>
/// <param name="Size">How many bytes it has.</param>
public readonly record struct SimulatedSector(int Index, uint Address, int Size);
