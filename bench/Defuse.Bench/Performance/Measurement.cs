namespace Defuse.Bench.Performance;

/// <summary>What one run took, from the first to the last DFU request.</summary>
/// <param name="Transfers">DFU requests.</param>
/// <param name="Blocks">Data blocks that were sent.</param>
/// <param name="Uploads">Blocks that were read.</param>
/// <param name="Slept">The time between an answer and the next request.</param>
/// <param name="Elapsed">All of it.</param>
internal sealed record Measurement(int Transfers, int Blocks, int Uploads, TimeSpan Slept, TimeSpan Elapsed);
