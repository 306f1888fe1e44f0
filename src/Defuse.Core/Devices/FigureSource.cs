namespace Defuse.Devices;

/// <summary>Where a figure of a chip is from.</summary>
/// <param name="Figure">Which figure, as the data files name it ("flash-size").</param>
/// <param name="Source">The sources, each with its place in it where that is known.</param>
public sealed record FigureSource(string Figure, string Source);
