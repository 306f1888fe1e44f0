namespace Defuse.Platform.LibUsb;

/// <summary>What libusb can be asked about itself (enum libusb_capability).</summary>
internal enum LibUsbCapability : uint
{
    HasHotplug = 1,
    SupportsDetachKernelDriver = 0x101,
}
