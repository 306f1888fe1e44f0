namespace Defuse;

/// <summary>Why a device that is there cannot be opened.</summary>
public enum AccessFailure
{
    /// <summary>The operating system has bound no driver to it (Windows, code 28).</summary>
    NoDriver,

    /// <summary>It is bound to a driver that lets no program such as this at it (STTub30, usbser).</summary>
    WrongDriver,

    /// <summary>This user may not open it (on Linux, a missing udev rule).</summary>
    PermissionDenied,

    /// <summary>Another program or a driver of the kernel has it.</summary>
    InUse,

    /// <summary>The operating system could not read its descriptors, or start it (Windows, codes 10 and 43).</summary>
    EnumerationFailed,

    /// <summary>The library that opens devices on this operating system (libusb-1.0) is not there.</summary>
    LibraryMissing,
}
