namespace Defuse.UsbIp.Wire;

/// <summary>What a message of the second phase is.</summary>
internal enum UrbCommand : uint
{
    CmdSubmit = 1,
    CmdUnlink = 2,
    RetSubmit = 3,
    RetUnlink = 4,
}
