using System.Collections.Immutable;

namespace Defuse.Bench.Performance;

/// <summary>What the virtual machine's part hands to the machine outside.</summary>
/// <param name="Parts">Its parts of the document.</param>
/// <param name="Goals">Its goals.</param>
internal sealed record KernelResult(ImmutableSortedDictionary<string, string> Parts, ImmutableArray<Goal> Goals);
