using Defuse.Devices;
using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>What came back at a board's USB port after it was started.</summary>
/// <remarks>Immutable.</remarks>
public sealed record BoardReturn
{
    /// <summary>What kind of thing.</summary>
    public required BoardReturnKind Kind { get; init; }

    /// <summary>The USB device; null if nothing came.</summary>
    public UsbDeviceInfo? Device { get; init; }

    /// <summary>The device's VID:PID; null if nothing came.</summary>
    public string? UsbId => Device is { } device ? $"{device.VendorId:x4}:{device.ProductId:x4}" : null;

    /// <summary>What to call it; null if nothing came.</summary>
    public string? Name { get; init; }

    /// <summary>The program; null if it is not known.</summary>
    public BoardProgram? Program { get; init; }

    /// <summary>Its serial port; null if it shows none.</summary>
    public string? Port { get; init; }

    /// <summary>What MicroPython answered ("MicroPython v1.22.2 on 2024-02-22; NUCLEO_F767ZI with STM32F767"); null if it was not asked or gave no answer.</summary>
    public string? Banner { get; init; }

    /// <summary>Why its serial port could not be opened to ask, as half a sentence; null if it was, or was not tried.</summary>
    public string? PortProblem { get; init; }

    /// <summary>How long it took to come, on the board's clock.</summary>
    public required TimeSpan Elapsed { get; init; }
}
