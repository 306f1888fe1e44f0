namespace Defuse.Simulator.Programs;

/// <summary>What a program has around it: its serial line, its chip, and time.</summary>
/// <remarks>A program is called, and calls, from one flow at a time.</remarks>
internal interface IProgramLine
{
    SimulatedChip Chip { get; }

    bool DataTerminalReady { get; }

    bool RequestToSend { get; }

    /// <summary>How many bytes the host has not taken yet.</summary>
    int Backlog { get; }

    void Send(ReadOnlySpan<byte> data);

    /// <summary>Does something later, unless the board left the bus by then.</summary>
    void After(TimeSpan delay, Action action);

    /// <summary>Does something again and again; that does not move the board's clock by itself.</summary>
    void Every(TimeSpan period, Action action);

    /// <summary>Starts the ROM bootloader: the program leaves the bus, and the ROM comes.</summary>
    void EnterBootloader();

    /// <summary>Resets the chip, which boots as its pins tell it to.</summary>
    void Reboot();

    /// <summary>Leaves the bus, and nothing comes until the board is plugged in anew.</summary>
    void Hang();

    /// <summary>Sets the chip's pins from outside: NRST low holds it in reset, and when it rises BOOT0 counts.</summary>
    void SetPins(bool isResetLow, bool isBoot0High);
}
