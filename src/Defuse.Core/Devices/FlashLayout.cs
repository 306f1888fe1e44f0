using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>One way that a chip's main flash is cut into sectors.</summary>
/// <param name="Name">What distinguishes it ("single bank").</param>
/// <param name="DualBank">Whether flash is in two banks.</param>
/// <param name="Runs">The sectors.</param>
public sealed record FlashLayout(string Name, bool DualBank, ImmutableArray<SectorRun> Runs);
