using System.Runtime.InteropServices;

namespace Defuse.Platform.LibUsb;

/// <summary>struct libusb_interface.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeInterface
{
    public NativeInterfaceDescriptor* AlternateSettings;
    public int AlternateSettingCount;
}
