using System.Runtime.InteropServices;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>A DCB (winbase.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DeviceControlBlock
{
    // Bits of the flags; what is left out is 0: no flow control, nothing added to or taken from the bytes.
    public const uint Binary = 0x0001;
    public const uint CheckParity = 0x0002;
    public const uint DtrOn = 0x0010;
    public const uint RtsOn = 0x1000;

    private const byte Odd = 1;
    private const byte Even = 2;
    private const byte Two = 2;
    private const byte XonOfAscii = 0x11;
    private const byte XoffOfAscii = 0x13;

    public uint Length;
    public uint BaudRate;
    public uint Flags;
    public ushort Reserved;
    public ushort XonLimit;
    public ushort XoffLimit;
    public byte ByteSize;
    public byte Parity;
    public byte StopBits;
    public byte XonCharacter;
    public byte XoffCharacter;
    public byte ErrorCharacter;
    public byte EndCharacter;
    public byte EventCharacter;
    public ushort Reserved1;

    /// <summary>Sets all that settings say; the driver's own limits stay.</summary>
    public void Apply(SerialSettings settings, bool dataTerminalReady, bool requestToSend)
    {
        BaudRate = (uint)settings.BaudRate;
        Flags = Binary
            | (settings.Parity == SerialParity.None ? 0 : CheckParity)
            | (dataTerminalReady ? DtrOn : 0)
            | (requestToSend ? RtsOn : 0);
        ByteSize = (byte)settings.DataBits;
        Parity = settings.Parity switch { SerialParity.Odd => Odd, SerialParity.Even => Even, _ => 0 };

        // They are not used, and SetCommState refuses two that are the same, which is what some drivers begin with.
        XonCharacter = XonOfAscii;
        XoffCharacter = XoffOfAscii;
        StopBits = settings.StopBits == SerialStopBits.Two ? Two : (byte)0;
    }
}
