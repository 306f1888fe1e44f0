using System.Buffers.Binary;

namespace Defuse.Simulator.Programs;

/// <summary>Baud rate and frame, as a host tells them (USB CDC PSTN 1.2, section 6.3.11).</summary>
/// <param name="BaudRate">dwDTERate.</param>
/// <param name="StopBits">bCharFormat: 0 for one, 1 for one and a half, 2 for two.</param>
/// <param name="Parity">bParityType: 0 none, 1 odd, 2 even, 3 mark, 4 space.</param>
/// <param name="DataBits">bDataBits: 5 to 8, or 16.</param>
internal readonly record struct LineCoding(uint BaudRate, byte StopBits, byte Parity, byte DataBits)
{
    public const int Size = 7;

    public static LineCoding Usual => new(115_200, 0, 0, 8);

    public static LineCoding Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt32LittleEndian(bytes), bytes[4], bytes[5], bytes[6]);

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, BaudRate);
        (bytes[4], bytes[5], bytes[6]) = (StopBits, Parity, DataBits);
        return bytes;
    }
}
