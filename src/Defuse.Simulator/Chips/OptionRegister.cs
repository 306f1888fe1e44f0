namespace Defuse.Simulator.Chips;

/// <summary>An option register that is read at one place and written at another.</summary>
/// <param name="Current">Offset of the register that shows the value.</param>
/// <param name="Program">Offset of the register that takes a new value.</param>
internal readonly record struct OptionRegister(int Current, int Program);
