namespace Defuse.Entering;

/// <summary>A way that was tried and did not lead to DFU mode.</summary>
/// <param name="Way">Which.</param>
/// <param name="Port">The serial port that it went through; null if through none.</param>
/// <param name="Reason">What happened, as half a sentence.</param>
public sealed record EntryAttempt(EntryWay Way, string? Port, string Reason);
