using System.Runtime.InteropServices;

namespace Defuse.Platform.LibUsb;

/// <summary>struct libusb_config_descriptor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeConfigDescriptor
{
    public byte Length;
    public byte DescriptorType;
    public ushort TotalLength;
    public byte InterfaceCount;
    public byte ConfigurationValue;
    public byte Configuration;
    public byte Attributes;
    public byte MaxPower;
    public NativeInterface* Interfaces;
    public byte* Extra;
    public int ExtraLength;
}
