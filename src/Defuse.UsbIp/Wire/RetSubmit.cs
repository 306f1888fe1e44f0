namespace Defuse.UsbIp.Wire;

/// <summary>RET_SUBMIT: a transfer ended.</summary>
/// <param name="SeqNum">The CMD_SUBMIT's.</param>
/// <param name="Status">0, or a negative errno; see <see cref="Errno"/>.</param>
/// <param name="ActualLength">How many bytes were taken (OUT), or follow (IN).</param>
internal sealed record RetSubmit(uint SeqNum, int Status, int ActualLength) : UrbMessage(SeqNum)
{
    internal static RetSubmit Read(UrbBasic basic, ref WireReader reader) => new(
        basic.SeqNum,
        reader.ReadInt32(),
        reader.ReadLength(CmdSubmit.MaxTransferBufferLength, "actual_length"));

    protected override void Write(ref WireWriter writer)
    {
        WriteBasic(ref writer, UrbCommand.RetSubmit);
        writer.WriteInt32(Status);
        writer.WriteUInt32((uint)ActualLength);
    }
}
