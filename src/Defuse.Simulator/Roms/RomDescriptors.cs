using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Defuse.Transports;

namespace Defuse.Simulator.Roms;

/// <summary>A bootloader's descriptors, byte for byte (USB 2.0, section 9.6; USB DFU 1.1, section 4).</summary>
internal sealed class RomDescriptors : IDescriptors
{
    public const byte FunctionalDescriptor = 0x21;

    /// <summary>bRequest of the vendor request that Microsoft's string descriptor names; any number would do.</summary>
    public const byte MicrosoftRequest = 0x42;

    // Strings 1 to 3 are the manufacturer, the product and the serial number; the alternate settings follow, and last the
    // text of a refusal.
    private const int SerialNumberString = 3;
    private const byte MicrosoftString = 0xEE;

    private readonly ImmutableArray<string> _strings;
    private readonly bool _serialNumberIsUtf8;
    private readonly bool _asksForWinUsb;

    public RomDescriptors(RomModel model, SimulatedChip chip)
    {
        var alternates = model.AlternateSettings(chip);
        _strings = [model.Manufacturer, model.Product, model.SerialNumber(chip), .. alternates];
        if (model.FlashResident?.Refusal is { } refusal)
        {
            _strings = _strings.Add(refusal);
            RefusalString = (byte)_strings.Length;
        }

        _serialNumberIsUtf8 = model.SerialNumberIsUtf8;
        _asksForWinUsb = model.AsksForWinUsb;
        AlternateSettings = alternates.Length;
        Functional = FunctionalBytes(model.TransferSize);
        Device = DeviceBytes(model);
        Configuration = DescriptorBytes.Configuration(0xC0, 2, alternates.Length, Functional);
    }

    public int AlternateSettings { get; }

    /// <summary>The index of the text that says why something was refused; 0 if there is none.</summary>
    public byte RefusalString { get; }

    /// <summary>Microsoft's "extended compat ID" descriptor that asks for WinUSB; null if there is none.</summary>
    public byte[]? CompatibleId => !_asksForWinUsb
        ? null
        :
        [
            // Length 40, version 1.0, index 4, one function; interface 0, reserved 1, the id, no sub-id, reserved.
            40, 0, 0, 0, 0, 1, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0,
            0, 1, .. "WINUSB\0\0"u8, .. new byte[14],
        ];

    public byte[] Device { get; }

    public byte[] Configuration { get; }

    public byte[] Functional { get; }

    /// <summary>A string descriptor; null if there is none of this index.</summary>
    public byte[]? String(byte index)
    {
        if (index == 0)
        {
            return DescriptorBytes.Language;
        }

        if (index == MicrosoftString && _asksForWinUsb)
        {
            return [18, UsbStandardRequest.StringDescriptor, .. Encoding.Unicode.GetBytes("MSFT100"), MicrosoftRequest, 0];
        }

        if (index > _strings.Length)
        {
            return null;
        }

        return DescriptorBytes.String(_strings[index - 1], index == SerialNumberString && _serialNumberIsUtf8 ? Encoding.UTF8 : Encoding.Unicode);
    }

    private static byte[] DeviceBytes(RomModel model)
    {
        byte[] bytes =
        [
            18, UsbStandardRequest.DeviceDescriptor, 0, 0, // bcdUSB
            0, 0, 0, 64, // class, subclass, protocol, bMaxPacketSize0
            0, 0, 0, 0, 0, 0, // idVendor, idProduct, bcdDevice
            1, 2, 3, 1, // iManufacturer, iProduct, iSerialNumber, bNumConfigurations
        ];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), model.UsbRelease);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), model.VendorId);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), model.ProductId);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), model.DeviceRelease);
        return bytes;
    }

    // bmAttributes: CanDnload, CanUpload, WillDetach, but not ManifestationTolerant; wDetachTimeOut 255 ms; DfuSe 1.1a.
    private static byte[] FunctionalBytes(ushort transferSize) =>
        [9, FunctionalDescriptor, 0x0B, 0xFF, 0x00, (byte)(transferSize & 0xFF), (byte)(transferSize >> 8), 0x1A, 0x01];
}
