using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.UsbIp.Wire;

/// <summary>One entry of OP_REP_DEVLIST: a device and its usbip_usb_interface records.</summary>
internal sealed record ExportedDevice(UsbDeviceRecord Record, ImmutableArray<UsbInterfaceInfo> Interfaces)
{
    private const int InterfaceSize = 4;

    public int Size => UsbDeviceRecord.Size + (InterfaceSize * Interfaces.Length);

    public static int InterfacesSize(int count) => InterfaceSize * count;

    public static ImmutableArray<UsbInterfaceInfo> ReadInterfaces(ReadOnlySpan<byte> bytes, int count)
    {
        var reader = new WireReader(bytes);
        var interfaces = ImmutableArray.CreateBuilder<UsbInterfaceInfo>(count);
        for (var i = 0; i < count; i++)
        {
            interfaces.Add(new UsbInterfaceInfo(reader.ReadByte(), reader.ReadByte(), reader.ReadByte()));
            reader.Skip(1);
        }

        return interfaces.MoveToImmutable();
    }

    public void Write(Span<byte> bytes)
    {
        (Record with { NumInterfaces = (byte)Interfaces.Length }).Write(bytes);
        var writer = new WireWriter(bytes[UsbDeviceRecord.Size..]);
        foreach (var one in Interfaces)
        {
            writer.WriteByte(one.Class);
            writer.WriteByte(one.SubClass);
            writer.WriteByte(one.Protocol);
            writer.Skip(1);
        }
    }
}
