using System.Runtime.Versioning;
using Defuse.Transports;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Serial;

/// <summary>What terminals need that Linux and macOS have in different forms. Methods return an errno; 0 if there is none.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal abstract unsafe class UnixTerminal
{
    public const int DataTerminalReady = 0x002;
    public const int RequestToSend = 0x004;
    public const int ClearToSend = 0x020;
    public const int CarrierDetect = 0x040;
    public const int RingIndicator = 0x080;
    public const int DataSetReady = 0x100;

    /// <summary>O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC.</summary>
    public abstract int OpenFlags { get; }

    protected abstract nuint ExclusiveRequest { get; }

    protected abstract nuint SharedRequest { get; }

    protected abstract nuint OutputQueueRequest { get; }

    protected abstract nuint GetLinesRequest { get; }

    protected abstract nuint SetLinesRequest { get; }

    protected abstract nuint ClearLinesRequest { get; }

    protected abstract nuint BreakRequest { get; }

    protected abstract nuint EndBreakRequest { get; }

    /// <summary>Raw bytes both ways, with a baud rate and a frame; takes effect at once.</summary>
    /// <param name="port">The port.</param>
    /// <param name="settings">What is wanted.</param>
    /// <param name="baudRate">What the driver made of the baud rate.</param>
    public abstract int Configure(SafeFileHandle port, SerialSettings settings, out int baudRate);

    /// <summary>Lets every key through as it is typed, Ctrl-C too. Lines that are printed still begin at the left.</summary>
    /// <param name="terminal">The terminal.</param>
    /// <param name="before">What <see cref="Restore"/> takes.</param>
    public abstract int MakeRaw(SafeFileHandle terminal, out byte[] before);

    /// <summary>Gives the terminal back as it was.</summary>
    public abstract int Restore(SafeFileHandle terminal, byte[] before);

    /// <summary>Throws away what has arrived.</summary>
    public abstract int FlushInput(SafeFileHandle port);

    /// <summary>Throws away what has not been sent yet.</summary>
    public abstract int FlushOutput(SafeFileHandle port);

    /// <summary>Lets nobody but root open it a second time, or everybody again.</summary>
    public int SetExclusive(SafeFileHandle port, bool isExclusive) => Call(port, isExclusive ? ExclusiveRequest : SharedRequest, 0);

    public int GetLines(SafeFileHandle port, out int lines)
    {
        var value = 0;
        var error = Call(port, GetLinesRequest, (nint)(&value));
        lines = value;
        return error;
    }

    /// <summary>Asserts or clears lines that this side drives.</summary>
    public int SetLines(SafeFileHandle port, int lines, bool isAsserted) => Call(port, isAsserted ? SetLinesRequest : ClearLinesRequest, (nint)(&lines));

    public int SetBreak(SafeFileHandle port, bool isOn) => Call(port, isOn ? BreakRequest : EndBreakRequest, 0);

    /// <summary>How many bytes the system has taken and not sent yet; 0 where it does not tell.</summary>
    public int Unsent(SafeFileHandle port)
    {
        var value = 0;
        return Call(port, OutputQueueRequest, (nint)(&value)) == Errno.None ? value : 0;
    }

    protected static int Call(SafeFileHandle file, nuint request, nint argument) =>
        Libc.Control(file, request, argument) < 0 ? Errno.Last : Errno.None;
}
