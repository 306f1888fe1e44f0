namespace Defuse.UsbIp.Wire;

/// <summary>What a message of the first phase is.</summary>
internal enum OpCode : ushort
{
    RepImport = 0x0003,
    RepDevlist = 0x0005,
    ReqImport = 0x8003,
    ReqDevlist = 0x8005,
}
