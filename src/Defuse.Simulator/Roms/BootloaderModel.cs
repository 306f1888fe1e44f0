namespace Defuse.Simulator.Roms;

/// <summary>What a board does on its USB connector: a chip's ROM bootloader, or one that lives in flash.</summary>
internal abstract record BootloaderModel
{
    /// <summary>Begins to run it.</summary>
    /// <param name="chip">What it programs.</param>
    /// <param name="clock">The board's time.</param>
    /// <param name="surroundings">Told when it leaves.</param>
    /// <param name="count">Called for every transfer that reaches it.</param>
    public abstract IBoardPeripheral PlugIn(SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings, Action count);

    /// <summary>The string iSerialNumber.</summary>
    public abstract string SerialNumberOf(SimulatedChip chip);
}
