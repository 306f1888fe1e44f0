using System.Collections.Immutable;

namespace Defuse;

/// <summary>A kind of board that can be simulated.</summary>
/// <param name="Name">Its name in an address: <c>sim:NAME</c>.</param>
/// <param name="Description">What it is, in a few words.</param>
/// <param name="Options">The options that it takes, each with what it means.</param>
public sealed record SimulatedBoardInfo(string Name, string Description, ImmutableSortedDictionary<string, string> Options);
