using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>A board that runs its program, and how it can be asked for DFU mode.</summary>
/// <remarks>Immutable.</remarks>
public sealed record RunningBoard
{
    /// <summary>What to call it: its program's name, or what the device calls itself.</summary>
    public required string Name { get; init; }

    /// <summary>The USB device that its program shows, or that of the adapter in front of it; null if there is none or it is not known.</summary>
    public UsbDeviceInfo? Device { get; init; }

    /// <summary>Its program; null if that is not known.</summary>
    public BoardProgram? Program { get; init; }

    /// <summary>Its serial ports, by interface.</summary>
    public ImmutableArray<SerialPortInfo> Ports { get; init; } = [];

    /// <summary>The ways that fit, the surest first; empty if none is known.</summary>
    public ImmutableArray<EntryWay> Ways { get; init; } = [];

    /// <summary>Whether <see cref="Device"/> is known to be the board's own USB, which goes when the program does, and no adapter or probe.</summary>
    public bool IsOwnUsb { get; init; }

    /// <summary>Whether its program is known well enough to ask it without having been told to.</summary>
    public bool IsAskedUnnamed => Program is not null && Ways.Length > 0;

    /// <summary>Where <see cref="Device"/> is plugged in; null if there is none or it is not known.</summary>
    public string? Location => Device?.Location;

    /// <summary>How people are told of it ("MicroPython at /dev/ttyACM0").</summary>
    public string Title => Ports.Length > 0 ? $"{Name} at {Ports[0].Name}" : Device is { } device ? $"{Name} at USB port {device.Location}" : Name;
}
