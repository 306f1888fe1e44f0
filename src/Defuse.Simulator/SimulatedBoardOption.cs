namespace Defuse.Simulator;

/// <summary>Something that can be chosen about a simulated board.</summary>
/// <param name="Name">The option's name, as in ?name=value.</param>
/// <param name="Values">Which values it takes.</param>
/// <param name="Description">What it does, in a few words.</param>
public sealed record SimulatedBoardOption(string Name, string Values, string Description);
