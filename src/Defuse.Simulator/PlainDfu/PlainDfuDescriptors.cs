using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Defuse.Simulator.Roms;
using Defuse.Transports;

namespace Defuse.Simulator.PlainDfu;

/// <summary>The descriptors of a plain DFU device, in DFU mode or while its program runs.</summary>
internal sealed class PlainDfuDescriptors : IDescriptors
{
    private const byte RunTimeProtocol = 1;
    private const byte DfuModeProtocol = 2;

    private readonly ImmutableArray<string> _strings;

    public PlainDfuDescriptors(PlainDfuModel model, bool isRunTime)
    {
        string[] names = isRunTime ? ["DFU run-time"] : [.. model.AlternateSettings.Select(x => x.Name)];
        _strings = [model.Manufacturer, model.Product, model.SerialNumber, .. names];
        AlternateSettings = names.Length;
        Functional = FunctionalBytes(model);
        Device = DeviceBytes(model, isRunTime ? model.RunTimeProductId!.Value : model.ProductId);
        Configuration = DescriptorBytes.Configuration(0x80, isRunTime ? RunTimeProtocol : DfuModeProtocol, names.Length, Functional);
    }

    public int AlternateSettings { get; }

    public byte[] Device { get; }

    public byte[] Configuration { get; }

    public byte[] Functional { get; }

    public byte[]? String(byte index) =>
        index == 0 ? DescriptorBytes.Language
        : index > _strings.Length ? null
        : DescriptorBytes.String(_strings[index - 1], Encoding.Unicode);

    private static byte[] DeviceBytes(PlainDfuModel model, ushort productId)
    {
        byte[] bytes = [18, UsbStandardRequest.DeviceDescriptor, 0x00, 0x02, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 1, 2, 3, 1];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), model.VendorId);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), productId);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), model.DeviceRelease);
        return bytes;
    }

    // bmAttributes: CanDnload, CanUpload, ManifestationTolerant, WillDetach; wDetachTimeOut 255 ms.
    private static byte[] FunctionalBytes(PlainDfuModel model)
    {
        var attributes = 1 | (model.CanUpload ? 2 : 0) | (model.IsManifestationTolerant ? 4 : 0) | (model.RunTimeProductId is null ? 0 : 8);
        return [9, RomDescriptors.FunctionalDescriptor, (byte)attributes, 0xFF, 0, (byte)(model.TransferSize & 0xFF), (byte)(model.TransferSize >> 8), (byte)(model.DfuVersion & 0xFF), (byte)(model.DfuVersion >> 8)];
    }
}
