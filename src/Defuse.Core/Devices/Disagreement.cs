namespace Defuse.Devices;

/// <summary>A figure of a chip that sources disagree on.</summary>
/// <param name="Figure">Which figure, as the data files name it ("flash-size").</param>
/// <param name="Taken">The value that is used.</param>
/// <param name="Others">The other values, each with its source.</param>
/// <param name="Reason">Why this one.</param>
public sealed record Disagreement(string Figure, string Taken, string Others, string Reason);
