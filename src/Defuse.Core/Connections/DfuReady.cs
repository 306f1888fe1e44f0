using Defuse.Entering;

namespace Defuse.Connections;

/// <summary>A board that is in DFU mode.</summary>
/// <param name="Address">The address that it is opened by now.</param>
/// <param name="Way">How it got there; null if it was there already.</param>
/// <param name="Was">The program that it ran; null if it was there already.</param>
/// <param name="Elapsed">How long it took, on the board's clock.</param>
public sealed record DfuReady(ConnectionAddress Address, EntryWay? Way, RunningBoard? Was, TimeSpan Elapsed);
