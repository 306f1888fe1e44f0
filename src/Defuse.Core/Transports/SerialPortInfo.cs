namespace Defuse.Transports;

/// <summary>What is known of a serial port without opening it.</summary>
public sealed record SerialPortInfo
{
    /// <summary>What it is opened by: "/dev/ttyACM0", "COM5", "/dev/cu.usbmodem14201", a simulated board's.</summary>
    public required string Name { get; init; }

    /// <summary>Where the USB device behind it is plugged in, as <see cref="UsbDeviceInfo.Location"/> has it; null if there is none or it is not known.</summary>
    public string? UsbLocation { get; init; }

    /// <summary>bInterfaceNumber of the interface behind it; null if there is none or it is not known.</summary>
    public byte? InterfaceNumber { get; init; }

    /// <summary>idVendor of the device behind it; null if it is not USB or not known.</summary>
    public ushort? VendorId { get; init; }

    /// <summary>idProduct of the device behind it; null if it is not USB or not known.</summary>
    public ushort? ProductId { get; init; }

    /// <summary>The product string of the device behind it.</summary>
    public string? Product { get; init; }

    /// <summary>The serial number of the device behind it. Not unique.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>The driver that makes the port ("cdc_acm", "usbser").</summary>
    public string? Driver { get; init; }

    /// <summary>Why it cannot be opened; null if nothing is known to stand in the way.</summary>
    public AccessProblem? Problem { get; init; }
}
