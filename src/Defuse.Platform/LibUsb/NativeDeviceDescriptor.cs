using System.Runtime.InteropServices;

namespace Defuse.Platform.LibUsb;

/// <summary>struct libusb_device_descriptor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeDeviceDescriptor
{
    public byte Length;
    public byte DescriptorType;
    public ushort UsbRelease;
    public byte DeviceClass;
    public byte DeviceSubClass;
    public byte DeviceProtocol;
    public byte MaxPacketSize0;
    public ushort VendorId;
    public ushort ProductId;
    public ushort DeviceRelease;
    public byte Manufacturer;
    public byte Product;
    public byte SerialNumber;
    public byte ConfigurationCount;
}
