namespace Defuse.UsbIp.Wire;

/// <summary>RET_UNLINK: what became of a transfer that was given up.</summary>
/// <param name="SeqNum">The CMD_UNLINK's.</param>
/// <param name="Status">-ECONNRESET when it was removed, 0 when it had already completed.</param>
internal sealed record RetUnlink(uint SeqNum, int Status) : UrbMessage(SeqNum)
{
    protected override void Write(ref WireWriter writer)
    {
        WriteBasic(ref writer, UrbCommand.RetUnlink);
        writer.WriteInt32(Status);
    }
}
