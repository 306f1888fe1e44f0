namespace Defuse.Simulator.Programs;

/// <summary>How a build of ArduPilot takes the order to start the ROM.</summary>
internal enum ArduPilotDfu
{
    /// <summary>It starts the ROM.</summary>
    Enters,

    /// <summary>It starts the ROM, and misses the first order: it is busy, as while it starts, or the bytes are lost.</summary>
    MissesFirst,

    /// <summary>It is built without that, and says so.</summary>
    Unsupported,

    /// <summary>It leaves the bus, and nothing comes until it is plugged in anew: reported of H7 boards.</summary>
    GoesDark,
}
