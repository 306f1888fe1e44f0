using System.Collections.Immutable;

namespace Defuse.Diagnostics;

/// <summary>All that was seen of a computer and of what is plugged in: plain records, which rules and reports are made from.</summary>
/// <remarks>Immutable. Nothing in it was found out by changing a device's state.</remarks>
public sealed record HostInventory
{
    /// <summary>The computer.</summary>
    public required HostSystem System { get; init; }

    /// <summary>The USB devices, hubs excepted.</summary>
    public ImmutableArray<SeenUsbDevice> UsbDevices { get; init; } = [];

    /// <summary>The serial ports.</summary>
    public ImmutableArray<SeenSerialPort> SerialPorts { get; init; } = [];

    /// <summary>The drives of boards and probes, and small ones of other USB devices.</summary>
    public ImmutableArray<SeenVolume> Volumes { get; init; } = [];

    /// <summary>What bootloaders said that could be opened.</summary>
    public ImmutableArray<DfuCondition> Dfu { get; init; } = [];

    /// <summary>What could not be looked at, each in a sentence.</summary>
    public ImmutableArray<string> Unseen { get; init; } = [];
}
