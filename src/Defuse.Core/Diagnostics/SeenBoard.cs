using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics;

/// <summary>One thing that a person would call a board, with all that was seen of it: its drive, its port and its debug interface are one.</summary>
public sealed record SeenBoard
{
    /// <summary>What to call it ("NUCLEO-F767ZI", "a board that runs MicroPython", "a USB serial adapter").</summary>
    public required string Name { get; init; }

    /// <summary>What it is doing.</summary>
    public required BoardMode Mode { get; init; }

    /// <summary>The board, where evidence names one; null if it does not.</summary>
    public BoardProfile? Profile { get; init; }

    /// <summary>What <see cref="Profile"/> and <see cref="Name"/> rest on, each in a few words ("MBED.HTM on E:\ has the board id 0818").</summary>
    public ImmutableArray<string> Evidence { get; init; } = [];

    /// <summary>Whether it is only probable that the probe and the device in DFU mode are on one board: nothing speaks against it, and too little for it.</summary>
    public bool IsProbable { get; init; }

    /// <summary>The program that it runs; null if it runs none that is known.</summary>
    public BoardProgram? Program { get; init; }

    /// <summary>Its USB devices: of a board with a probe on it, the probe's first.</summary>
    public ImmutableArray<SeenUsbDevice> UsbDevices { get; init; } = [];

    /// <summary>Its serial ports.</summary>
    public ImmutableArray<SeenSerialPort> SerialPorts { get; init; } = [];

    /// <summary>Its drives.</summary>
    public ImmutableArray<SeenVolume> Volumes { get; init; } = [];

    /// <summary>What its bootloader said; null if it was not opened.</summary>
    public DfuCondition? Dfu { get; init; }

    /// <summary>The USB device that speaks DFU, or that may be one the system could not make out; null if it shows none.</summary>
    public SeenUsbDevice? DfuDevice { get; init; }

    /// <summary>The debug probe on it or beside it; null if there is none.</summary>
    public SeenUsbDevice? Probe { get; init; }

    /// <summary>The address that Defuse opens its bootloader by, or finds its program by; null if neither shows.</summary>
    public string? Address
    {
        get
        {
            var device = DfuDevice ?? (Mode == BoardMode.Program ? UsbDevices.FirstOrDefault(x => x != Probe) : null);
            return Dfu?.Address ?? (device is null ? null : device.IsElsewhere ? device.Location : $"dfu:usb-{device.Location}");
        }
    }

    /// <summary>The chips that what is in DFU mode may have, by name: as <see cref="DfuChips"/> finds them. Empty if nothing is known of them.</summary>
    internal ImmutableArray<string> ChipNames { get; init; } = [];
}
