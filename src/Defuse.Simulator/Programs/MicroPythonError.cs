namespace Defuse.Simulator.Programs;

/// <summary>What a MicroPython program died of, as its last line says it.</summary>
internal sealed class MicroPythonError(string message) : Exception(message);
