namespace Defuse.UsbIp.Wire;

/// <summary>CMD_UNLINK: the client gives a transfer up.</summary>
/// <param name="SeqNum">This command's own seqnum.</param>
/// <param name="DevId">devid of the imported device.</param>
/// <param name="UnlinkSeqNum">The seqnum of the CMD_SUBMIT.</param>
internal sealed record CmdUnlink(uint SeqNum, uint DevId, uint UnlinkSeqNum) : UrbMessage(SeqNum)
{
    protected override void Write(ref WireWriter writer)
    {
        WriteBasic(ref writer, UrbCommand.CmdUnlink, DevId);
        writer.WriteUInt32(UnlinkSeqNum);
    }
}
