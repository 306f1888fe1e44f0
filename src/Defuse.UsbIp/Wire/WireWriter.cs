using System.Buffers.Binary;
using System.Text;
using Defuse.Transports;

namespace Defuse.UsbIp.Wire;

/// <summary>Writes one message's fields in order into zeroed bytes; the protocol's integers are big endian.</summary>
internal ref struct WireWriter(Span<byte> bytes)
{
    private Span<byte> _rest = bytes;

    public void WriteByte(byte value) => Take(1)[0] = value;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(sizeof(ushort)), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(sizeof(uint)), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), value);

    public void WriteSetup(UsbSetupPacket setup) => setup.Write(Take(UsbSetupPacket.Size));

    /// <summary>A C string in a field of fixed size; the last byte stays NUL.</summary>
    public void WriteText(string text, int fieldSize)
    {
        var field = Take(fieldSize);
        if (text.Length >= fieldSize || !Ascii.IsValid(text))
        {
            throw new ArgumentException($"\"{text}\" is no ASCII text of at most {fieldSize - 1} characters.", nameof(text));
        }

        Encoding.ASCII.GetBytes(text, field);
    }

    public void Skip(int count) => Take(count).Clear();

    private Span<byte> Take(int count)
    {
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
