namespace Defuse.Devices;

/// <summary>A program that shows on USB.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Name">What to call it ("MicroPython", "Betaflight").</param>
public sealed record BoardProgram(ProgramKind Kind, string Name);
