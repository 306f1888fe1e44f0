using Defuse.Transports;

namespace Defuse.UsbIp.Wire;

/// <summary>usbip_usb_device: a device as OP_REP_DEVLIST and OP_REP_IMPORT describe it.</summary>
internal sealed record UsbDeviceRecord
{
    public const int Size = 312;
    public const int PathSize = 256;
    public const int BusIdSize = 32;

    public required string Path { get; init; }

    public required string BusId { get; init; }

    public required uint BusNum { get; init; }

    public required uint DevNum { get; init; }

    public required UsbSpeed Speed { get; init; }

    public required ushort VendorId { get; init; }

    public required ushort ProductId { get; init; }

    public required ushort DeviceRelease { get; init; }

    public byte DeviceClass { get; init; }

    public byte DeviceSubClass { get; init; }

    public byte DeviceProtocol { get; init; }

    public byte ConfigurationValue { get; init; }

    public byte NumConfigurations { get; init; }

    public byte NumInterfaces { get; init; }

    /// <summary>How the second phase names the device.</summary>
    public uint DevId => unchecked((BusNum << 16) | DevNum);

    public static UsbDeviceRecord Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return new UsbDeviceRecord
        {
            Path = reader.ReadText(PathSize),
            BusId = reader.ReadText(BusIdSize),
            BusNum = reader.ReadUInt32(),
            DevNum = reader.ReadUInt32(),
            Speed = reader.ReadUInt32() is var speed && speed <= (uint)UsbSpeed.SuperPlus ? (UsbSpeed)speed : UsbSpeed.Unknown,
            VendorId = reader.ReadUInt16(),
            ProductId = reader.ReadUInt16(),
            DeviceRelease = reader.ReadUInt16(),
            DeviceClass = reader.ReadByte(),
            DeviceSubClass = reader.ReadByte(),
            DeviceProtocol = reader.ReadByte(),
            ConfigurationValue = reader.ReadByte(),
            NumConfigurations = reader.ReadByte(),
            NumInterfaces = reader.ReadByte(),
        };
    }

    public void Write(Span<byte> bytes)
    {
        var writer = new WireWriter(bytes);
        writer.WriteText(Path, PathSize);
        writer.WriteText(BusId, BusIdSize);
        writer.WriteUInt32(BusNum);
        writer.WriteUInt32(DevNum);
        writer.WriteUInt32((uint)Speed);
        writer.WriteUInt16(VendorId);
        writer.WriteUInt16(ProductId);
        writer.WriteUInt16(DeviceRelease);
        writer.WriteByte(DeviceClass);
        writer.WriteByte(DeviceSubClass);
        writer.WriteByte(DeviceProtocol);
        writer.WriteByte(ConfigurationValue);
        writer.WriteByte(NumConfigurations);
        writer.WriteByte(NumInterfaces);
    }
}
