using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Defuse.Transports;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Serial;

/// <summary>macOS's terminals (sys/termios.h, sys/ttycom.h, IOKit/serial/ioss.h). Written from these headers as recalled, and never run on macOS.</summary>
[SupportedOSPlatform("macos")]
internal sealed unsafe partial class MacTerminal : UnixTerminal
{
    private const nuint SetSpeed = 0x80085402;
    private const int FlushOfInput = 1;
    private const int FlushOfOutput = 2;

    private const nuint IgnoreBreak = 0x0001;
    private const nuint ProcessOutput = 0x0001;

    private const nuint SizeMask = 0x0300;
    private const nuint TwoStopBits = 0x0400;
    private const nuint Receive = 0x0800;
    private const nuint Parity = 0x1000;
    private const nuint OddParity = 0x2000;
    private const nuint HangUpAtClose = 0x4000;
    private const nuint NoCarrier = 0x8000;
    private const nuint FlowControl = 0x30000;

    private const int Least = 16;
    private const int Time = 17;

    // Up to here cfsetspeed takes any rate that it knows; others go by the driver's own call.
    private const nuint SafeBaud = 9600;

    public override int OpenFlags => 0x2 | 0x20000 | 0x4 | 0x1000000;

    protected override nuint ExclusiveRequest => 0x2000740D;

    protected override nuint SharedRequest => 0x2000740E;

    protected override nuint OutputQueueRequest => 0x40047473;

    protected override nuint GetLinesRequest => 0x4004746A;

    protected override nuint SetLinesRequest => 0x8004746C;

    protected override nuint ClearLinesRequest => 0x8004746B;

    protected override nuint BreakRequest => 0x2000747B;

    protected override nuint EndBreakRequest => 0x2000747A;

    public override int Configure(SafeFileHandle port, SerialSettings settings, out int baudRate)
    {
        baudRate = settings.BaudRate;
        Attributes attributes;
        if (TcGetAttr(port, &attributes) != 0)
        {
            return Errno.Last;
        }

        CfMakeRaw(&attributes);
        attributes.Input |= IgnoreBreak;
        attributes.Control &= ~(SizeMask | TwoStopBits | Parity | OddParity | FlowControl);
        attributes.Control |= Receive | HangUpAtClose | NoCarrier | Frame(settings);
        attributes.Characters[Least] = 1;
        attributes.Characters[Time] = 0;

        // Speeds are plain numbers here; those that tcsetattr does not take, the driver may.
        var isTaken = CfSetSpeed(&attributes, (nuint)settings.BaudRate) == 0 && TcSetAttr(port, 0, &attributes) == 0;
        if (isTaken)
        {
            return Errno.None;
        }

        if (CfSetSpeed(&attributes, SafeBaud) != 0 || TcSetAttr(port, 0, &attributes) != 0)
        {
            return Errno.Last;
        }

        var speed = (nuint)settings.BaudRate;
        return Call(port, SetSpeed, (nint)(&speed));
    }

    public override int MakeRaw(SafeFileHandle terminal, out byte[] before)
    {
        Attributes attributes;
        if (TcGetAttr(terminal, &attributes) != 0)
        {
            before = [];
            return Errno.Last;
        }

        before = [.. new ReadOnlySpan<byte>(&attributes, sizeof(Attributes))];
        var output = attributes.Output;
        CfMakeRaw(&attributes);
        attributes.Output |= output & ProcessOutput;
        return TcSetAttr(terminal, 0, &attributes) == 0 ? Errno.None : Errno.Last;
    }

    public override int Restore(SafeFileHandle terminal, byte[] before)
    {
        fixed (byte* attributes = before)
        {
            return TcSetAttr(terminal, 0, (Attributes*)attributes) == 0 ? Errno.None : Errno.Last;
        }
    }

    public override int FlushInput(SafeFileHandle port) => TcFlush(port, FlushOfInput) == 0 ? Errno.None : Errno.Last;

    public override int FlushOutput(SafeFileHandle port) => TcFlush(port, FlushOfOutput) == 0 ? Errno.None : Errno.Last;

    private static nuint Frame(SerialSettings settings) =>
        ((nuint)(settings.DataBits - 5) << 8)
        | (settings.StopBits == SerialStopBits.Two ? TwoStopBits : 0)
        | settings.Parity switch
        {
            SerialParity.Even => Parity,
            SerialParity.Odd => Parity | OddParity,
            _ => 0,
        };

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TcGetAttr(SafeFileHandle file, Attributes* attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TcSetAttr(SafeFileHandle file, int when, Attributes* attributes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void CfMakeRaw(Attributes* attributes);

    [LibraryImport("libc", EntryPoint = "cfsetspeed", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CfSetSpeed(Attributes* attributes, nuint speed);

    [LibraryImport("libc", EntryPoint = "tcflush", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TcFlush(SafeFileHandle file, int queue);

    // struct termios.
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public nuint Input;
        public nuint Output;
        public nuint Control;
        public nuint Local;
        public fixed byte Characters[20];
        public nuint InputSpeed;
        public nuint OutputSpeed;
    }
}
