using Defuse.Transports;

namespace Defuse.Bench.Performance;

/// <summary>A DFU request as it is compared: its setup packet and, of a DNLOAD of block 0, the command with its address.</summary>
/// <param name="Setup">The setup packet.</param>
/// <param name="Command">The bytes of block 0 in hexadecimal; empty for anything else.</param>
internal readonly record struct Request(UsbSetupPacket Setup, string Command)
{
    private const byte Dnload = 1;
    private const byte GetStatus = 3;

    public bool IsGetStatus => Setup.Request == GetStatus;

    public static Request From(UsbSetupPacket setup, ReadOnlyMemory<byte> data) =>
        new(setup, setup is { Request: Dnload, Value: 0 } ? Convert.ToHexString(data.Span) : "");
}
