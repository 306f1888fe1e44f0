using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>A USB device as Windows knows it.</summary>
internal sealed record WindowsUsbDevice
{
    public required UsbDeviceInfo Info { get; init; }

    public required string InstanceId { get; init; }

    public ImmutableArray<string> LocationPaths { get; init; } = [];

    /// <summary>The device itself where it is not composite, else its functions by interface number. Never empty.</summary>
    public required ImmutableArray<WindowsUsbFunction> Functions { get; init; }

    /// <summary>What is to be opened: the function that offers DFU, if one is known to.</summary>
    public WindowsUsbFunction Main =>
        Functions.FirstOrDefault(x => x.Interface is { Class: 0xFE, SubClass: 1, Protocol: 2 })
        ?? Functions.FirstOrDefault(x => x.Interface is { Class: 0xFE, SubClass: 1 })
        ?? Functions[0];
}
