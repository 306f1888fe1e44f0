using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Defuse.Transports;

namespace Defuse.Simulator.Roms;

/// <summary>A ROM's descriptors, byte for byte (USB 2.0, section 9.6; USB DFU 1.1, section 4).</summary>
internal sealed class RomDescriptors : IDescriptors
{
    public const byte FunctionalDescriptor = 0x21;

    // Strings 1 to 3 are the manufacturer, the product and the serial number; the alternate settings follow.
    private const int FirstAlternateString = 4;

    private readonly ImmutableArray<string> _strings;

    public RomDescriptors(RomModel model, SimulatedChip chip)
    {
        var alternates = model.AlternateSettings(chip);
        _strings = ["STMicroelectronics", model.Product, model.SerialNumber(chip), .. alternates];
        AlternateSettings = alternates.Length;
        Functional = FunctionalBytes(model.TransferSize);
        Device = DeviceBytes(model);
        Configuration = ConfigurationBytes(alternates.Length, Functional);
    }

    public int AlternateSettings { get; }

    public byte[] Device { get; }

    public byte[] Configuration { get; }

    public byte[] Functional { get; }

    /// <summary>A string descriptor; null if there is none of this index.</summary>
    public byte[]? String(byte index)
    {
        if (index == 0)
        {
            return [4, UsbStandardRequest.StringDescriptor, 0x09, 0x04];
        }

        if (index > _strings.Length)
        {
            return null;
        }

        var text = Encoding.Unicode.GetBytes(_strings[index - 1]);
        return [(byte)(text.Length + 2), UsbStandardRequest.StringDescriptor, .. text];
    }

    private static byte[] DeviceBytes(RomModel model)
    {
        byte[] bytes =
        [
            18, UsbStandardRequest.DeviceDescriptor, 0, 0, // bcdUSB
            0, 0, 0, 64, // class, subclass, protocol, bMaxPacketSize0
            0x83, 0x04, 0x11, 0xDF, 0, 0, // idVendor, idProduct, bcdDevice
            1, 2, 3, 1, // iManufacturer, iProduct, iSerialNumber, bNumConfigurations
        ];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), model.UsbRelease);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), model.DeviceRelease);
        return bytes;
    }

    private static byte[] ConfigurationBytes(int alternates, byte[] functional)
    {
        var length = 9 + (9 * alternates) + functional.Length;
        var bytes = new List<byte>
        {
            // wTotalLength, one interface, value 1, no string, self-powered, 100 mA.
            9, UsbStandardRequest.ConfigurationDescriptor, (byte)(length & 0xFF), (byte)(length >> 8), 1, 1, 0, 0xC0, 50,
        };
        for (var i = 0; i < alternates; i++)
        {
            // No endpoints but 0; class "application specific", subclass "device firmware upgrade", protocol "DFU mode".
            bytes.AddRange([9, UsbStandardRequest.InterfaceDescriptor, 0, (byte)i, 0, 0xFE, 1, 2, (byte)(FirstAlternateString + i)]);
        }

        bytes.AddRange(functional);
        return [.. bytes];
    }

    // bmAttributes: CanDnload, CanUpload, WillDetach, but not ManifestationTolerant; wDetachTimeOut 255 ms; DfuSe 1.1a.
    private static byte[] FunctionalBytes(ushort transferSize) =>
        [9, FunctionalDescriptor, 0x0B, 0xFF, 0x00, (byte)(transferSize & 0xFF), (byte)(transferSize >> 8), 0x1A, 0x01];
}
