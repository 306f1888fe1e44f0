using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics;

/// <summary>What rules look at beside the board.</summary>
/// <param name="Inventory">All that was seen.</param>
/// <param name="Boards">All boards.</param>
/// <param name="Chips">The chips that are known.</param>
/// <param name="Targets">The ways by which this version flashes boards, as schemes of addresses ("dfu"): advice names no other as Defuse's.</param>
public sealed record DiagnosisContext(HostInventory Inventory, ImmutableArray<SeenBoard> Boards, ChipDatabase Chips, ImmutableArray<string> Targets)
{
    /// <summary>The address of the only board there is, where that is simulated or plugged in elsewhere; null where this computer was looked at.</summary>
    public string? Elsewhere { get; init; }
}
