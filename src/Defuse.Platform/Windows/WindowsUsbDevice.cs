using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>A USB device as Windows knows it.</summary>
internal sealed record WindowsUsbDevice
{
    public required UsbDeviceInfo Info { get; init; }

    public required string InstanceId { get; init; }

    /// <summary>What Windows calls it while it is present.</summary>
    public required uint DevNode { get; init; }

    /// <summary>The device as a whole.</summary>
    public required WindowsUsbFunction Itself { get; init; }

    /// <summary>Whether it speaks DFU, offers it, or may be a board that Windows could not make out.</summary>
    public required bool SpeaksDfu { get; init; }

    /// <summary>Whether it is a hub.</summary>
    public bool IsHub => Functions.Any(x => x.Interface is { Class: 0x09 }) || string.Equals(Itself.Service, "USBHUB3", StringComparison.OrdinalIgnoreCase) || string.Equals(Itself.Service, "usbhub", StringComparison.OrdinalIgnoreCase);

    /// <summary>The driver of the host controller that it hangs on; null if that is not known.</summary>
    public string? Controller { get; init; }

    /// <summary>How many hubs stand between it and the root hub; null if its place is not known.</summary>
    public int? Hubs { get; init; }

    public ImmutableArray<string> LocationPaths { get; init; } = [];

    /// <summary>The device itself where it is not composite, else its functions by interface number. Never empty.</summary>
    public required ImmutableArray<WindowsUsbFunction> Functions { get; init; }

    /// <summary>What is to be opened: the function that offers DFU, if one is known to.</summary>
    public WindowsUsbFunction Main =>
        Functions.FirstOrDefault(x => x.Interface is { Class: 0xFE, SubClass: 1, Protocol: 2 })
        ?? Functions.FirstOrDefault(x => x.Interface is { Class: 0xFE, SubClass: 1 })
        ?? Functions[0];
}
