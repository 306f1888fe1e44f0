namespace Defuse.Simulator.Roms;

/// <summary>What becomes of the board when its bootloader lets go of it.</summary>
internal interface IRomSurroundings
{
    /// <summary>Whether the pin BOOT0 is high, so that a reset starts the bootloader.</summary>
    bool IsBoot0High { get; }

    /// <summary>The bootloader has jumped to the program whose vectors lie at an address.</summary>
    void Run(uint address);

    /// <summary>The chip resets itself when work is done, and boots as its pins tell it to.</summary>
    /// <param name="until">When the work is done, on the board's clock.</param>
    void Reset(TimeSpan until);

    /// <summary>The board leaves the bus and comes back on it as something else.</summary>
    /// <param name="next">What it comes back as.</param>
    void Reenumerate(IBoardPeripheral next);
}
