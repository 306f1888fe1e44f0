namespace Defuse.Inspection;

/// <summary>An address that bytes without one may belong at.</summary>
/// <param name="Address">The address of the first byte.</param>
/// <param name="Agreeing">How many pointers in it would then point at the start of a function.</param>
/// <param name="Pointers">How many pointers there are.</param>
public readonly record struct BaseAddress(uint Address, int Agreeing, int Pointers);
