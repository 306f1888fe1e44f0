using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Defuse.Simulator.Roms;
using Defuse.Transports;

namespace Defuse.Simulator.Programs;

/// <summary>The descriptors of a device with one CDC ACM function (USB CDC 1.2, section 5; CDC PSTN 1.2, section 5.3).</summary>
internal sealed class CdcAcmDescriptors
{
    public const byte DataEndpoint = 0x01;
    public const byte NotificationEndpoint = 0x82;
    public const byte DfuInterface = 2;

    private const byte EndpointDescriptor = 5;
    private const byte AssociationDescriptor = 11;
    private const byte ClassInterface = 0x24;

    private readonly ImmutableArray<string> _strings;

    public CdcAcmDescriptors(ProgramModel model, SimulatedChip chip)
    {
        _strings = [model.Manufacturer, model.Product, model.SerialNumber(chip)];
        Interfaces = model.HasDfuRunTime ? 3 : 2;
        Device = DeviceBytes(model);
        Configuration = ConfigurationBytes(model);
    }

    public int Interfaces { get; }

    public byte[] Device { get; }

    public byte[] Configuration { get; }

    public byte[]? String(byte index) =>
        index == 0 ? DescriptorBytes.Language
        : index > _strings.Length ? null
        : DescriptorBytes.String(_strings[index - 1], Encoding.Unicode);

    private static byte[] DeviceBytes(ProgramModel model)
    {
        // "Look at the interface associations" (miscellaneous, common, 1), or "communications" as a whole.
        byte[] kind = model.HasAssociation ? [0xEF, 2, 1] : [2, 0, 0];
        byte[] bytes = [18, UsbStandardRequest.DeviceDescriptor, 0x00, 0x02, .. kind, 64, 0, 0, 0, 0, 0, 0, 1, 2, 3, 1];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), model.VendorId);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), model.ProductId);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), model.DeviceRelease);
        return bytes;
    }

    private byte[] ConfigurationBytes(ProgramModel model)
    {
        byte[] association = model.HasAssociation ? [8, AssociationDescriptor, 0, 2, 2, 2, 0, 0] : [];
        byte[] body =
        [
            .. association,

            // Communications interface, abstract control model: header (CDC 1.10), call management, ACM (line coding, control
            // lines, break), union; and notifications, 8 bytes every 16 ms.
            9, UsbStandardRequest.InterfaceDescriptor, 0, 0, 1, 2, 2, 0, 0,
            5, ClassInterface, 0, 0x10, 0x01,
            5, ClassInterface, 1, 0, 1,
            4, ClassInterface, 2, 6,
            5, ClassInterface, 6, 0, 1,
            7, EndpointDescriptor, NotificationEndpoint, 3, 8, 0, 16,

            // Data interface: bulk, 64 bytes, both ways.
            9, UsbStandardRequest.InterfaceDescriptor, 1, 0, 2, 10, 0, 0, 0,
            7, EndpointDescriptor, DataEndpoint, 2, 64, 0, 0,
            7, EndpointDescriptor, 0x80 | DataEndpoint, 2, 64, 0, 0,
        ];
        if (model.HasDfuRunTime)
        {
            // Run-time protocol; bmAttributes as the ROM's, wDetachTimeOut 255 ms, wTransferSize 2048, DFU 1.1.
            body =
            [
                .. body,
                9, UsbStandardRequest.InterfaceDescriptor, DfuInterface, 0, 0, 0xFE, 1, 1, 0,
                9, RomDescriptors.FunctionalDescriptor, 0x0B, 0xFF, 0, 0x00, 0x08, 0x10, 0x01,
            ];
        }

        var length = 9 + body.Length;
        return [9, UsbStandardRequest.ConfigurationDescriptor, (byte)(length & 0xFF), (byte)(length >> 8), (byte)Interfaces, 1, 0, 0x80, 50, .. body];
    }
}
