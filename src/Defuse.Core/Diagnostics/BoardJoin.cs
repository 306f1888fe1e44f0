using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics;

/// <summary>Joins USB devices, serial ports and drives into boards. Pure.</summary>
public static class BoardJoin
{
    /// <summary>The boards, by where they are plugged in; what has nothing to do with boards is left out.</summary>
    /// <param name="inventory">What was seen.</param>
    /// <param name="boards">The boards that are known.</param>
    public static ImmutableArray<SeenBoard> Join(HostInventory inventory, BoardDatabase boards)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        ArgumentNullException.ThrowIfNull(boards);
        return [];
    }
}
