namespace Defuse.Simulator.Programs;

/// <summary>What becomes of the board when its program lets go of it, or something outside pulls its pins.</summary>
internal interface IProgramSurroundings
{
    /// <summary>The program has jumped to the ROM.</summary>
    void EnterBootloader();

    /// <summary>The chip resets itself, and boots as its pins tell it to.</summary>
    void Reboot();

    /// <summary>NRST and BOOT0 are driven from outside.</summary>
    void SetPins(bool isResetLow, bool isBoot0High);
}
