
namespace Defuse.UsbIp.Wire;

/// <summary>A message of the second phase: the 48 bytes that come before the data, if there are any.</summary>
/// <param name="SeqNum">Numbers the commands; a reply has its command's.</param>
internal abstract record UrbMessage(uint SeqNum)
{
    /// <summary>Every header's size: 20 bytes that all have, 28 of the command's own.</summary>
    public const int Size = 48;

    public static UrbMessage Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var command = reader.ReadUInt32();
        var basic = new UrbBasic(reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32());
        return (UrbCommand)command switch
        {
            UrbCommand.CmdSubmit => CmdSubmit.Read(basic, ref reader),
            UrbCommand.CmdUnlink => new CmdUnlink(basic.SeqNum, basic.DevId, reader.ReadUInt32()),
            UrbCommand.RetSubmit => RetSubmit.Read(basic, ref reader),
            UrbCommand.RetUnlink => new RetUnlink(basic.SeqNum, reader.ReadInt32()),
            _ => throw new TransportException(TransportFailure.Protocol, $"there is no USB/IP command {command}"),
        };
    }

    /// <summary>The header's bytes, with the data behind it.</summary>
    public byte[] ToBytes(ReadOnlySpan<byte> data = default)
    {
        var bytes = new byte[Size + data.Length];
        var writer = new WireWriter(bytes);
        Write(ref writer);
        data.CopyTo(bytes.AsSpan(Size));
        return bytes;
    }

    protected abstract void Write(ref WireWriter writer);

    protected void WriteBasic(ref WireWriter writer, UrbCommand command, uint devId = 0, uint direction = 0, uint endpoint = 0)
    {
        writer.WriteUInt32((uint)command);
        writer.WriteUInt32(SeqNum);
        writer.WriteUInt32(devId);
        writer.WriteUInt32(direction);
        writer.WriteUInt32(endpoint);
    }
}
