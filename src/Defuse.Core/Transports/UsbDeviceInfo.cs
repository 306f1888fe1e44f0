using System.Collections.Immutable;

namespace Defuse.Transports;

/// <summary>What is known of a USB device without opening it.</summary>
public sealed record UsbDeviceInfo
{
    /// <summary>Where it is plugged in, as its host names it: a port chain ("1-4.2"), a USB/IP bus id, a simulated board.</summary>
    public required string Location { get; init; }

    /// <summary>idVendor.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>idProduct.</summary>
    public required ushort ProductId { get; init; }

    /// <summary>bcdDevice.</summary>
    public ushort DeviceRelease { get; init; }

    /// <summary>
    /// The address that the bus gave it, where the host tells (1 to 127). A device that left and came back usually has
    /// another one, which tells the two apart.
    /// </summary>
    public byte? DeviceAddress { get; init; }

    /// <summary>The signalling rate.</summary>
    public UsbSpeed Speed { get; init; }

    /// <summary>The active configuration's interfaces, as far as they can be seen.</summary>
    public ImmutableArray<UsbInterfaceInfo> Interfaces { get; init; } = [];

    /// <summary>The manufacturer's string, where it can be read without opening the device.</summary>
    public string? Manufacturer { get; init; }

    /// <summary>The product string, where it can be read without opening the device.</summary>
    public string? Product { get; init; }

    /// <summary>The serial number, where it can be read without opening the device. Not unique: ROMs repeat themselves.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>Why the device cannot be opened; null if nothing is known to stand in the way.</summary>
    public AccessProblem? Problem { get; init; }
}
