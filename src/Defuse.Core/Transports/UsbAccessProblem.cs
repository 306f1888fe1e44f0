namespace Defuse.Transports;

/// <summary>Why a device that is there cannot be opened, and what to do.</summary>
/// <param name="Reason">What stands in the way, as one plain sentence without a full stop at its end.</param>
/// <param name="Remedy">What a person can do about it.</param>
public sealed record UsbAccessProblem(string Reason, string Remedy);
