using Defuse.Platform.Linux;
using Defuse.Transports;

namespace Defuse.Platform.LibUsb;

/// <summary>What libusb's errors mean to whoever wanted something.</summary>
internal static class LibUsbErrors
{
    private const string CloseIt = "Close the program that uses the board (another Defuse, dfu-util, STM32CubeProgrammer, a browser's page, a virtual machine)";

    /// <summary>As libusb.h spells it.</summary>
    public static string Name(LibUsbError error) => error switch
    {
        LibUsbError.Success => "LIBUSB_SUCCESS",
        LibUsbError.Io => "LIBUSB_ERROR_IO",
        LibUsbError.InvalidParameter => "LIBUSB_ERROR_INVALID_PARAM",
        LibUsbError.Access => "LIBUSB_ERROR_ACCESS",
        LibUsbError.NoDevice => "LIBUSB_ERROR_NO_DEVICE",
        LibUsbError.NotFound => "LIBUSB_ERROR_NOT_FOUND",
        LibUsbError.Busy => "LIBUSB_ERROR_BUSY",
        LibUsbError.Timeout => "LIBUSB_ERROR_TIMEOUT",
        LibUsbError.Overflow => "LIBUSB_ERROR_OVERFLOW",
        LibUsbError.Pipe => "LIBUSB_ERROR_PIPE",
        LibUsbError.Interrupted => "LIBUSB_ERROR_INTERRUPTED",
        LibUsbError.NoMemory => "LIBUSB_ERROR_NO_MEM",
        LibUsbError.NotSupported => "LIBUSB_ERROR_NOT_SUPPORTED",
        LibUsbError.Other => "LIBUSB_ERROR_OTHER",
        _ => $"libusb's error {(int)error}",
    };

    /// <summary>Nothing is plugged in there.</summary>
    public static TransportException NotThere(string location) => new(
        TransportFailure.Disconnected, $"nothing is plugged in at {location}", "`defuse list` shows what is plugged in, and where");

    /// <summary>A device that is known not to open.</summary>
    public static TransportException Of(AccessProblem problem) => new(TransportFailure.CannotOpen, problem.Reason, problem.Remedy);

    /// <summary>Why libusb_open failed.</summary>
    public static TransportException Opening(LibUsbError error, UsbDeviceInfo device) => error switch
    {
        LibUsbError.NoDevice => NotThere(device.Location),
        LibUsbError.Access when OperatingSystem.IsLinux() => Of(UdevRule.PermissionDenied(device.VendorId, device.ProductId)),
        LibUsbError.Access when OperatingSystem.IsMacOS() => new TransportException(
            TransportFailure.CannotOpen, "macOS does not let this program open the device (LIBUSB_ERROR_ACCESS)", $"{CloseIt}; if none does, run the command with sudo"),
        LibUsbError.Access or LibUsbError.Busy => InUse(Name(error)),
        LibUsbError.NotSupported when OperatingSystem.IsWindows() => new TransportException(
            TransportFailure.CannotOpen,
            "no driver is bound to the device that lets programs open it (LIBUSB_ERROR_NOT_SUPPORTED)",
            "Bind WinUSB to it, with Zadig or by installing STM32CubeProgrammer"),
        _ => new TransportException(TransportFailure.CannotOpen, $"the device cannot be opened ({Name(error)})", "Unplug it and plug it in again"),
    };

    /// <summary>Why an open device did not do something.</summary>
    /// <param name="error">libusb's error.</param>
    /// <param name="what">What could not be done, as the beginning of a sentence: "interface 0 cannot be claimed".</param>
    public static TransportException Doing(LibUsbError error, string what) => error switch
    {
        LibUsbError.Busy => InUse($"{what}: {Name(error)}"),
        LibUsbError.NoDevice => new TransportException(TransportFailure.Disconnected, $"the device left the bus ({Name(error)})"),
        LibUsbError.Pipe => new TransportException(TransportFailure.Stall, $"{what}: the device refused (STALL)"),
        LibUsbError.Timeout => new TransportException(TransportFailure.Timeout, $"{what}: the device did not answer ({Name(error)})"),
        LibUsbError.Overflow => new TransportException(TransportFailure.Protocol, $"{what}: the device sent too much ({Name(error)})"),
        LibUsbError.Access => new TransportException(TransportFailure.CannotOpen, $"{what}: this program may not ({Name(error)})", CloseIt),
        _ => new TransportException(TransportFailure.Fault, $"{what} ({Name(error)})"),
    };

    private static TransportException InUse(string detail) =>
        new(TransportFailure.CannotOpen, $"another program or a driver of the system has the device ({detail})", CloseIt);
}
