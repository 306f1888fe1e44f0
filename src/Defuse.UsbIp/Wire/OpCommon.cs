namespace Defuse.UsbIp.Wire;

/// <summary>op_common: what every message of the first phase begins with.</summary>
internal readonly record struct OpCommon(ushort Version, OpCode Code, OpStatus Status)
{
    public const int Size = 8;

    /// <summary>1.1.1, the only version in use.</summary>
    public const ushort CurrentVersion = 0x0111;

    public static OpCommon Current(OpCode code, OpStatus status = OpStatus.Ok) => new(CurrentVersion, code, status);

    public static OpCommon Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return new OpCommon(reader.ReadUInt16(), (OpCode)reader.ReadUInt16(), (OpStatus)reader.ReadUInt32());
    }

    public void Write(Span<byte> bytes)
    {
        var writer = new WireWriter(bytes);
        writer.WriteUInt16(Version);
        writer.WriteUInt16((ushort)Code);
        writer.WriteUInt32((uint)Status);
    }
}
