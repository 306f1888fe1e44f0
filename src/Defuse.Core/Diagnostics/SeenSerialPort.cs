using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.Diagnostics;

/// <summary>A serial port.</summary>
public sealed record SeenSerialPort
{
    /// <summary>What it is opened by.</summary>
    public required string Name { get; init; }

    /// <summary>Where the USB device behind it is plugged in; null if there is none or it is not known.</summary>
    public string? UsbLocation { get; init; }

    /// <summary>bInterfaceNumber of the interface behind it.</summary>
    public byte? InterfaceNumber { get; init; }

    /// <summary>The driver that makes the port.</summary>
    public string? Driver { get; init; }

    /// <summary>The group that may open it (Linux: "dialout"); null if not known.</summary>
    public string? Group { get; init; }

    /// <summary>Whether a udev rule keeps ModemManager away from it (Linux).</summary>
    public bool IsIgnoredByModemManager { get; init; }

    /// <summary>What stands in the way of opening it; null if nothing is known to.</summary>
    public AccessProblem? Problem { get; init; }

    /// <summary>The programs that have it open, where the system tells, as "name (pid)".</summary>
    public ImmutableArray<string> HeldBy { get; init; } = [];
}
