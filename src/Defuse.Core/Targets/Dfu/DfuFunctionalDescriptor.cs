using System.Buffers.Binary;

namespace Defuse.Targets.Dfu;

/// <summary>The DFU functional descriptor (USB DFU 1.1, table 4.2).</summary>
/// <param name="Attributes">bmAttributes: can download (bit 0), can upload (1), manifestation tolerant (2), will detach (3).</param>
/// <param name="DetachTimeout">wDetachTimeOut, in milliseconds.</param>
/// <param name="TransferSize">wTransferSize: the largest block, in bytes.</param>
/// <param name="DfuVersion">bcdDFUVersion; 0x011A means DfuSe.</param>
public readonly record struct DfuFunctionalDescriptor(byte Attributes, ushort DetachTimeout, ushort TransferSize, ushort DfuVersion)
{
    /// <summary>bDescriptorType.</summary>
    public const byte DescriptorType = 0x21;

    /// <summary>Whether the device takes firmware.</summary>
    public bool CanDownload => (Attributes & 1) != 0;

    /// <summary>Whether the device gives its memory away.</summary>
    public bool CanUpload => (Attributes & 2) != 0;

    /// <summary>Whether the device answers on after it took an image.</summary>
    public bool IsManifestationTolerant => (Attributes & 4) != 0;

    /// <summary>Whether the device leaves the bus by itself when it is told to detach, and needs no bus reset for it.</summary>
    public bool WillDetach => (Attributes & 8) != 0;

    /// <summary>Whether it speaks ST's extension (bcdDFUVersion 1.1a).</summary>
    public bool IsDfuSe => DfuVersion == 0x011A;

    // DFU 1.0 had no bcdDFUVersion: such a descriptor is two bytes shorter.
    internal static DfuFunctionalDescriptor Read(ReadOnlySpan<byte> descriptor) => new(
        descriptor[2],
        BinaryPrimitives.ReadUInt16LittleEndian(descriptor[3..]),
        BinaryPrimitives.ReadUInt16LittleEndian(descriptor[5..]),
        descriptor.Length >= 9 ? BinaryPrimitives.ReadUInt16LittleEndian(descriptor[7..]) : (ushort)0x0100);
}
