using System.Collections.Immutable;
using Defuse.Simulator;

namespace Defuse;

/// <summary>The boards that can be simulated.</summary>
public static class SimulatedBoards
{
    /// <summary>All of them, by name.</summary>
    public static ImmutableArray<SimulatedBoardInfo> All { get; } =
    [
        .. SimulatedBoardCatalog.Boards.Select(x => new SimulatedBoardInfo(
            x.Name, x.Description, x.Options.ToImmutableSortedDictionary(y => y.Name, y => $"{y.Description} ({y.Values})", StringComparer.Ordinal))),
    ];

    /// <summary>Where their memories are kept, unless told otherwise; the environment variable DEFUSE_SIMULATOR_DIR tells.</summary>
    public static string DefaultFolder => SimulatedBoardFolder.Default.Path;
}
