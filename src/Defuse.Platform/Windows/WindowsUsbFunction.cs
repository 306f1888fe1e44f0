using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>What Windows binds one driver to: a USB device, or one function of a composite one.</summary>
internal sealed record WindowsUsbFunction
{
    public required string InstanceId { get; init; }

    /// <summary>bInterfaceNumber of its first interface; null where it is the whole device, and Windows does not tell.</summary>
    public byte? FirstInterface { get; init; }

    /// <summary>What its first interface says that it is, if Windows tells.</summary>
    public UsbInterfaceInfo? Interface { get; init; }

    /// <summary>The service that drives it ("WinUSB", "STTub30"); null if no driver is bound.</summary>
    public string? Service { get; init; }

    /// <summary>The class that its driver is of ("USBDevice", "Ports").</summary>
    public string? DeviceClass { get; init; }

    /// <summary>What Device Manager calls it.</summary>
    public string? Name { get; init; }

    /// <summary>What the device calls it.</summary>
    public string? Description { get; init; }

    /// <summary>Why it does not work, a CM_PROB value (cfg.h); 0 if it does.</summary>
    public uint ProblemCode { get; init; }

    /// <summary>DeviceInterfaceGUIDs: the classes of interfaces that WinUSB and libusbK offer it by.</summary>
    public ImmutableArray<Guid> InterfaceGuids { get; init; } = [];
}
