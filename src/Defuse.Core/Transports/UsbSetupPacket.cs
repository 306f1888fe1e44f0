using System.Buffers.Binary;
using System.Globalization;

namespace Defuse.Transports;

/// <summary>The eight bytes that begin a control transfer (USB 2.0, section 9.3).</summary>
/// <param name="RequestType">bmRequestType: direction (bit 7), type (bits 6-5), recipient (bits 4-0).</param>
/// <param name="Request">bRequest.</param>
/// <param name="Value">wValue.</param>
/// <param name="Index">wIndex.</param>
/// <param name="Length">wLength: how many bytes follow, or at most come back.</param>
public readonly record struct UsbSetupPacket(byte RequestType, byte Request, ushort Value, ushort Index, ushort Length)
{
    /// <summary>How many bytes a setup packet has on the wire.</summary>
    public const int Size = 8;

    /// <summary>Whether data, if any, flows from the device to the host.</summary>
    public bool IsIn => (RequestType & 0x80) != 0;

    /// <summary>The request's type.</summary>
    public UsbRequestKind Kind => (UsbRequestKind)((RequestType >> 5) & 3);

    /// <summary>Reads the eight bytes.</summary>
    /// <param name="bytes">At least <see cref="Size"/> bytes.</param>
    public static UsbSetupPacket Read(ReadOnlySpan<byte> bytes) => new(
        bytes[0],
        bytes[1],
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]),
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]));

    /// <summary>Writes the eight bytes.</summary>
    /// <param name="bytes">At least <see cref="Size"/> bytes.</param>
    public void Write(Span<byte> bytes)
    {
        bytes[0] = RequestType;
        bytes[1] = Request;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], Value);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], Index);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], Length);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"bmRequestType 0x{RequestType:X2} bRequest 0x{Request:X2} wValue 0x{Value:X4} wIndex 0x{Index:X4} wLength {Length}");
}
