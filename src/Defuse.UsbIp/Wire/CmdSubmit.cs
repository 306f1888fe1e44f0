using Defuse.Transports;

namespace Defuse.UsbIp.Wire;

/// <summary>CMD_SUBMIT: the client starts a transfer.</summary>
/// <param name="SeqNum">seqnum.</param>
/// <param name="DevId">devid of the imported device.</param>
/// <param name="IsIn">direction.</param>
/// <param name="Endpoint">ep, 0 to 15.</param>
/// <param name="TransferBufferLength">How many bytes follow (OUT), or at most come back (IN).</param>
/// <param name="Setup">The setup packet of a control transfer.</param>
internal sealed record CmdSubmit(uint SeqNum, uint DevId, bool IsIn, uint Endpoint, int TransferBufferLength, UsbSetupPacket Setup)
    : UrbMessage(SeqNum)
{
    /// <summary>Far more than any stack puts into one transfer.</summary>
    public const int MaxTransferBufferLength = 16 << 20;

    private const uint DirectionIn = 1;

    /// <summary>How many bytes follow the header.</summary>
    public int DataLength => IsIn ? 0 : TransferBufferLength;

    internal static CmdSubmit Read(UrbBasic basic, ref WireReader reader)
    {
        if (basic.Direction > DirectionIn || basic.Endpoint > 15)
        {
            throw new TransportException(TransportFailure.Protocol, $"there is no USB endpoint {basic.Endpoint} with direction {basic.Direction}");
        }

        reader.Skip(sizeof(uint)); // transfer_flags: hints to a host controller's driver
        var length = reader.ReadLength(MaxTransferBufferLength, "transfer_buffer_length");
        reader.Skip(sizeof(uint)); // start_frame
        var packets = reader.ReadInt32();
        if (packets > 0)
        {
            throw new TransportException(TransportFailure.Protocol, "isochronous transfers are not supported");
        }

        reader.Skip(sizeof(uint)); // interval
        return new CmdSubmit(basic.SeqNum, basic.DevId, basic.Direction == DirectionIn, basic.Endpoint, length, reader.ReadSetup());
    }

    protected override void Write(ref WireWriter writer)
    {
        WriteBasic(ref writer, UrbCommand.CmdSubmit, DevId, IsIn ? DirectionIn : 0, Endpoint);
        writer.Skip(sizeof(uint));
        writer.WriteUInt32((uint)TransferBufferLength);

        // The protocol's text wants 0xFFFFFFFF in number_of_packets; Linux sends 0, so 0 is what every server was tried with.
        writer.Skip(3 * sizeof(uint));
        writer.WriteSetup(Setup);
    }
}
