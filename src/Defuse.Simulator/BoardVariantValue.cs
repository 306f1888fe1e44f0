namespace Defuse.Simulator;

/// <summary>A value of a <see cref="BoardVariant"/>.</summary>
/// <param name="Name">The value.</param>
/// <param name="Change">What it makes of the board's parts; null for nothing.</param>
internal sealed record BoardVariantValue(string Name, Func<BoardParts, BoardParts>? Change = null);
