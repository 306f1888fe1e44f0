using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Defuse.Transports;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Serial;

/// <summary>Linux's terminals, by the kernel's own structure: that of libc differs between glibc and musl, and knows no arbitrary baud rate.</summary>
/// <remarks>
/// The figures are those of asm-generic/ioctls.h and asm-generic/termbits.h (tty_ioctl(4)), which x86, ARM, RISC-V, LoongArch and
/// s390 share. POWER has others: there, setting a port up fails with the kernel's own error.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class LinuxTerminal : UnixTerminal
{
    private const nuint GetAttributes = 0x802C542A;
    private const nuint SetAttributes = 0x402C542B;
    private const nuint Flush = 0x540B;

    private const uint IgnoreBreak = 0x0001;
    private const uint InputOfLines = 0x1 | 0x2 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800 | 0x1000 | 0x2000;
    private const uint InputOfKeys = 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400;
    private const uint ProcessOutput = 0x0001;
    private const uint SignalCanonicalEcho = 0x0001 | 0x0002 | 0x0008 | 0x0010 | 0x0020 | 0x0040 | 0x8000;

    private const uint SizeMask = 0x0030;
    private const uint TwoStopBits = 0x0040;
    private const uint Receive = 0x0080;
    private const uint Parity = 0x0100;
    private const uint OddParity = 0x0200;
    private const uint HangUpAtClose = 0x0400;
    private const uint NoCarrier = 0x0800;
    private const uint BaudMask = 0x100F;
    private const uint OtherBaud = 0x1000;
    private const uint InputBaudMask = BaudMask << 16;
    private const uint StickyParity = 0x40000000;
    private const uint FlowControl = 0x80000000;

    private const int Time = 5;
    private const int Least = 6;

    public override int OpenFlags => 0x2 | 0x100 | 0x800 | 0x80000;

    protected override nuint ExclusiveRequest => 0x540C;

    protected override nuint SharedRequest => 0x540D;

    protected override nuint OutputQueueRequest => 0x5411;

    protected override nuint GetLinesRequest => 0x5415;

    protected override nuint SetLinesRequest => 0x5416;

    protected override nuint ClearLinesRequest => 0x5417;

    protected override nuint BreakRequest => 0x5427;

    protected override nuint EndBreakRequest => 0x5428;

    public override int Configure(SafeFileHandle port, SerialSettings settings, out int baudRate)
    {
        baudRate = 0;
        Attributes attributes;
        var error = Call(port, GetAttributes, (nint)(&attributes));
        if (error != Errno.None)
        {
            return error;
        }

        attributes.Input = (attributes.Input & ~InputOfLines) | IgnoreBreak;
        attributes.Output &= ~ProcessOutput;
        attributes.Local &= ~SignalCanonicalEcho;
        attributes.Control &= ~(SizeMask | TwoStopBits | Parity | OddParity | BaudMask | InputBaudMask | StickyParity | FlowControl);
        attributes.Control |= Receive | HangUpAtClose | NoCarrier | Frame(settings) | Code(settings.BaudRate);
        attributes.InputSpeed = attributes.OutputSpeed = (uint)settings.BaudRate;
        attributes.Characters[Least] = 1;
        attributes.Characters[Time] = 0;
        error = Call(port, SetAttributes, (nint)(&attributes));
        if (error == Errno.None)
        {
            error = Call(port, GetAttributes, (nint)(&attributes));
        }

        baudRate = (int)Math.Min(attributes.OutputSpeed, int.MaxValue);
        return error;
    }

    public override int MakeRaw(SafeFileHandle terminal, out byte[] before)
    {
        Attributes attributes;
        var error = Call(terminal, GetAttributes, (nint)(&attributes));
        before = [.. new ReadOnlySpan<byte>(&attributes, sizeof(Attributes))];
        if (error != Errno.None)
        {
            return error;
        }

        attributes.Input &= ~InputOfKeys;
        attributes.Local &= ~SignalCanonicalEcho;
        attributes.Characters[Least] = 1;
        attributes.Characters[Time] = 0;
        return Call(terminal, SetAttributes, (nint)(&attributes));
    }

    public override int Restore(SafeFileHandle terminal, byte[] before)
    {
        fixed (byte* attributes = before)
        {
            return Call(terminal, SetAttributes, (nint)attributes);
        }
    }

    public override int FlushInput(SafeFileHandle port) => Call(port, Flush, 0);

    public override int FlushOutput(SafeFileHandle port) => Call(port, Flush, 1);

    private static uint Frame(SerialSettings settings) =>
        ((uint)(settings.DataBits - 5) << 4)
        | (settings.StopBits == SerialStopBits.Two ? TwoStopBits : 0)
        | settings.Parity switch
        {
            SerialParity.Even => Parity,
            SerialParity.Odd => Parity | OddParity,
            _ => 0,
        };

    // Rates that have a code are set by it, since that is what older programs read.
    private static uint Code(int baudRate) => baudRate switch
    {
        50 => 0x01,
        75 => 0x02,
        110 => 0x03,
        150 => 0x05,
        200 => 0x06,
        300 => 0x07,
        600 => 0x08,
        1200 => 0x09,
        1800 => 0x0A,
        2400 => 0x0B,
        4800 => 0x0C,
        9600 => 0x0D,
        19200 => 0x0E,
        38400 => 0x0F,
        57600 => 0x1001,
        115200 => 0x1002,
        230400 => 0x1003,
        460800 => 0x1004,
        500000 => 0x1005,
        576000 => 0x1006,
        921600 => 0x1007,
        1000000 => 0x1008,
        1152000 => 0x1009,
        1500000 => 0x100A,
        2000000 => 0x100B,
        2500000 => 0x100C,
        3000000 => 0x100D,
        3500000 => 0x100E,
        4000000 => 0x100F,
        _ => OtherBaud,
    };

    // struct termios2.
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Input;
        public uint Output;
        public uint Control;
        public uint Local;
        public byte Discipline;
        public fixed byte Characters[19];
        public uint InputSpeed;
        public uint OutputSpeed;
    }
}
