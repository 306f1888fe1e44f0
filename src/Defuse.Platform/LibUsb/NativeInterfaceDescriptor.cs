using System.Runtime.InteropServices;

namespace Defuse.Platform.LibUsb;

/// <summary>struct libusb_interface_descriptor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeInterfaceDescriptor
{
    public byte Length;
    public byte DescriptorType;
    public byte InterfaceNumber;
    public byte AlternateSetting;
    public byte EndpointCount;
    public byte InterfaceClass;
    public byte InterfaceSubClass;
    public byte InterfaceProtocol;
    public byte Interface;
    public void* Endpoints;
    public byte* Extra;
    public int ExtraLength;
}
