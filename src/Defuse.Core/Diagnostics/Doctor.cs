using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics;

/// <summary>From what was seen to what is wrong and what to do. Pure.</summary>
public static class Doctor
{
    /// <summary>Joins what was seen into boards, and lets every rule look at them.</summary>
    /// <param name="inventory">What was seen.</param>
    /// <param name="boards">The boards that are known.</param>
    /// <param name="chips">The chips that are known.</param>
    /// <param name="targets">The ways by which this version flashes boards, as schemes of addresses ("dfu").</param>
    public static Diagnosis Diagnose(HostInventory inventory, BoardDatabase boards, ChipDatabase chips, ImmutableArray<string> targets)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        ArgumentNullException.ThrowIfNull(boards);
        ArgumentNullException.ThrowIfNull(chips);
        return new Diagnosis { Boards = [.. BoardJoin.Join(inventory, boards).Select(x => new BoardDiagnosis { Board = x })] };
    }
}
