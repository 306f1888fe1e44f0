using System.Net;

namespace Defuse;

/// <summary>How simulated boards are served.</summary>
public sealed record SimulationOptions
{
    /// <summary>The TCP port, 0 for any that is free.</summary>
    public int Port { get; init; } = 3240;

    /// <summary>Where to listen; the default lets only this machine in.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Whether the boards begin blank.</summary>
    public bool Fresh { get; init; }

    /// <summary>How much real time the boards' work takes: 1 for as much as a real board's, 0 for none.</summary>
    public double TimeScale { get; init; } = 1;

    /// <summary>What goes wrong with each board that has no fault script of its own; null for nothing.</summary>
    public string? Fault { get; init; }

    /// <summary>Where the boards' memories are kept; null for <see cref="SimulatedBoards.DefaultFolder"/>.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Whether the serial line of a board's program is a pseudo-terminal instead of a USB device; its bootloader is served as
    /// without this. On Linux only.
    /// </summary>
    public bool SerialTerminals { get; init; }
}
