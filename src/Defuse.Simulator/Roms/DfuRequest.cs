namespace Defuse.Simulator.Roms;

/// <summary>bRequest of the DFU class (USB DFU 1.1, section 3), and the first bytes of DfuSe commands (AN3156).</summary>
internal static class DfuRequest
{
    public const byte Out = 0x21;
    public const byte In = 0xA1;

    public const byte Detach = 0;
    public const byte Dnload = 1;
    public const byte Upload = 2;
    public const byte GetStatus = 3;
    public const byte ClrStatus = 4;
    public const byte GetState = 5;
    public const byte Abort = 6;

    public const byte GetCommands = 0x00;
    public const byte SetAddressPointer = 0x21;
    public const byte Erase = 0x41;
    public const byte ReadUnprotect = 0x92;
}
