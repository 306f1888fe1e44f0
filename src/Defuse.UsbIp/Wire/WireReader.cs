using System.Buffers.Binary;
using System.Text;
using Defuse.Transports;

namespace Defuse.UsbIp.Wire;

/// <summary>Reads one message's fields in order; the protocol's integers are big endian.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));

    /// <summary>A count or length: unsigned on the wire, and useless to anybody beyond a limit.</summary>
    public int ReadLength(int limit, string field)
    {
        var value = ReadUInt32();
        return value <= limit
            ? (int)value
            : throw new TransportException(TransportFailure.Protocol, $"{field} is {value}, more than the {limit} that make sense");
    }

    public UsbSetupPacket ReadSetup() => UsbSetupPacket.Read(Take(UsbSetupPacket.Size));

    /// <summary>A C string in a field of fixed size; what is no printable ASCII becomes '?', for it ends up on terminals.</summary>
    public string ReadText(int fieldSize)
    {
        var field = Take(fieldSize);
        var end = field.IndexOf((byte)0);
        var text = new StringBuilder();
        foreach (var value in end < 0 ? field : field[..end])
        {
            text.Append(value is >= 0x20 and < 0x7F ? (char)value : '?');
        }

        return text.ToString();
    }

    public void Skip(int count) => Take(count);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new TransportException(TransportFailure.Protocol, $"a USB/IP message ends {count - _rest.Length} bytes early");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
