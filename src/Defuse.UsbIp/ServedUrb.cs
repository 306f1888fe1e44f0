using Defuse.UsbIp.Wire;

namespace Defuse.UsbIp;

/// <summary>A transfer that a client submitted and that was not answered yet.</summary>
internal sealed class ServedUrb(CmdSubmit command, ReadOnlyMemory<byte> data)
{
    public CmdSubmit Command => command;

    public ReadOnlyMemory<byte> Data => data;

    /// <summary>Cancelled when the client gives the transfer up while the device works on it.</summary>
    public CancellationTokenSource GivenUp { get; } = new();

    /// <summary>The CMD_UNLINK that is answered when the device is done with the transfer.</summary>
    public uint? UnlinkedBy { get; set; }
}
