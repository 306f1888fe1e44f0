using System.Globalization;
using System.Runtime.Versioning;
using Defuse.Transports;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Serial;

/// <summary>A pseudo-terminal of Linux's: this is what programs have behind the serial port <see cref="Name"/>.</summary>
/// <remarks>
/// Raw, at 115,200 baud until a program says otherwise. It has no modem lines: that it is opened and closed is all that can be
/// seen of DTR and RTS, and breaks cannot be seen at all. Nothing waits; for one flow at a time.
/// </remarks>
public sealed unsafe class PseudoTerminal : IDisposable
{
    // asm-generic/ioctls.h: TIOCSPTLCK, TIOCGPTN, TCGETS2; POLLHUP.
    private const nuint Lock = 0x40045431;
    private const nuint GetNumber = 0x80045430;
    private const nuint GetAttributes = 0x802C542A;
    private const short HangUp = 0x10;

    // struct termios2 ends with c_ospeed.
    private const int AttributesSize = 44;
    private const int SpeedOffset = 40;

    private readonly SafeFileHandle _master;

    [SupportedOSPlatform("linux")]
    private PseudoTerminal(SafeFileHandle master, string name)
    {
        _master = master;
        Name = name;
    }

    /// <summary>Whether this system has them, as far as Defuse can use them: Linux.</summary>
    [SupportedOSPlatformGuard("linux")]
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>The serial port's path: "/dev/pts/5".</summary>
    public string Name { get; }

    /// <summary>Makes one; it is closed.</summary>
    /// <exception cref="TransportException"><see cref="TransportFailure.CannotOpen"/>: none is to be had.</exception>
    [SupportedOSPlatform("linux")]
    public static PseudoTerminal Create()
    {
        var system = new LinuxTerminal();
        var master = OpenFile("/dev/ptmx", system);
        var (unlocked, number) = (0, 0);
        if (Libc.Control(master, Lock, (nint)(&unlocked)) < 0 || Libc.Control(master, GetNumber, (nint)(&number)) < 0)
        {
            var error = Errno.Last;
            master.Dispose();
            throw Failed(error);
        }

        var terminal = new PseudoTerminal(master, string.Create(CultureInfo.InvariantCulture, $"/dev/pts/{number}"));
        try
        {
            // Only one that was open once is seen to be closed.
            using var once = OpenFile(terminal.Name, system);
            terminal.ResetBaudRate();
            return terminal;
        }
        catch
        {
            master.Dispose();
            throw;
        }
    }

    /// <summary>Whether a program has it open, and the baud rate that was set last, now or before it was closed.</summary>
    [SupportedOSPlatform("linux")]
    public (bool IsOpen, int BaudRate) Look()
    {
        Span<Libc.Polled> files = [new() { File = (int)_master.DangerousGetHandle(), Wanted = Libc.PollIn }];
        _ = Libc.Poll(files, 1, 0);
        var attributes = stackalloc byte[AttributesSize];
        var baudRate = Libc.Control(_master, GetAttributes, (nint)attributes) < 0 ? 0 : *(int*)(attributes + SpeedOffset);
        return ((files[0].Found & HangUp) == 0, baudRate);
    }

    /// <summary>Makes it raw and 115,200 baud again.</summary>
    [SupportedOSPlatform("linux")]
    public void ResetBaudRate() => _ = new LinuxTerminal().Configure(_master, SerialSettings.Default, out _);

    /// <summary>Takes what programs wrote.</summary>
    /// <returns>How many bytes came; 0 if there are none now.</returns>
    [SupportedOSPlatform("linux")]
    public int Read(Span<byte> buffer) => (int)Math.Max(0, Libc.Read(_master, buffer, (nuint)buffer.Length));

    /// <summary>Gives programs bytes to read.</summary>
    /// <returns>How many were taken; 0 if there is no room now.</returns>
    [SupportedOSPlatform("linux")]
    public int Write(ReadOnlySpan<byte> data) => (int)Math.Max(0, Libc.Write(_master, data, (nuint)data.Length));

    /// <summary>Its path goes, and programs that have it open are hung up.</summary>
    public void Dispose() => _master.Dispose();

    [SupportedOSPlatform("linux")]
    private static SafeFileHandle OpenFile(string path, LinuxTerminal system)
    {
        var file = Libc.Open(path, system.OpenFlags);
        return file >= 0 ? new SafeFileHandle(file, ownsHandle: true) : throw Failed(Errno.Last);
    }

    private static TransportException Failed(int error) => new(
        TransportFailure.CannotOpen, $"no pseudo-terminal is to be had: {Errno.Text(error)}", "Check that /dev/pts is mounted.");
}
