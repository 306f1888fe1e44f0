using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.Diagnostics;

/// <summary>A USB device, as the operating system tells of it without opening it.</summary>
public sealed record SeenUsbDevice
{
    /// <summary>Where it is plugged in: as <see cref="UsbDeviceInfo.Location"/> has it.</summary>
    public required string Location { get; init; }

    /// <summary>idVendor; 0 where the system could not read its descriptors.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>idProduct; 0 where the system could not read its descriptors.</summary>
    public required ushort ProductId { get; init; }

    /// <summary>bcdDevice.</summary>
    public ushort DeviceRelease { get; init; }

    /// <summary>iManufacturer's text.</summary>
    public string? Manufacturer { get; init; }

    /// <summary>iProduct's text.</summary>
    public string? Product { get; init; }

    /// <summary>The serial number. Not unique.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>The signalling rate.</summary>
    public UsbSpeed Speed { get; init; }

    /// <summary>Its interfaces, with the driver that each is bound to.</summary>
    public ImmutableArray<SeenInterface> Interfaces { get; init; } = [];

    /// <summary>The driver of the device as a whole (Windows' service: "STTub30", "WinUSB", "usbccgp"; Linux' "usb", "usbip-host").</summary>
    public string? Driver { get; init; }

    /// <summary>What Windows' Device Manager calls it, and the heading that it stands under.</summary>
    public string? SystemName { get; init; }

    /// <summary>The heading that Device Manager has it under ("Universal Serial Bus devices"); null elsewhere.</summary>
    public string? SystemClass { get; init; }

    /// <summary>Windows' problem code (CM_PROB): 0 if there is none.</summary>
    public int ProblemCode { get; init; }

    /// <summary>What stands in the way of opening it for DFU; null if nothing is known to, or it speaks no DFU.</summary>
    public AccessProblem? Problem { get; init; }

    /// <summary>The programs that have it open, where the system tells, as "name (pid)".</summary>
    public ImmutableArray<string> HeldBy { get; init; } = [];

    /// <summary>How many hubs stand between it and the computer's own socket; null if not known.</summary>
    public int? Hubs { get; init; }

    /// <summary>The driver of the host controller that it hangs on ("xhci_hcd", "USBXHCI"); null if not known.</summary>
    public string? HostController { get; init; }

    /// <summary>A USB device as its host lists it; its interfaces are numbered in their order.</summary>
    /// <param name="device">The device.</param>
    public static SeenUsbDevice Of(UsbDeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new SeenUsbDevice
        {
            Location = device.Location,
            VendorId = device.VendorId,
            ProductId = device.ProductId,
            DeviceRelease = device.DeviceRelease,
            Manufacturer = device.Manufacturer,
            Product = device.Product,
            SerialNumber = device.SerialNumber,
            Speed = device.Speed,
            Interfaces = [.. device.Interfaces.Select((x, i) => new SeenInterface((byte)Math.Min(i, byte.MaxValue), x.Class, x.SubClass, x.Protocol))],
            Problem = device.Problem,
        };
    }

    /// <summary>Whether it is simulated or on another computer: where there are no ports, the location is the address ("sim:nucleo-f767zi").</summary>
    internal bool IsElsewhere => Location.Contains(':', StringComparison.Ordinal);
}
