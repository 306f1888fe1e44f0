using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Tests.Serial;

/// <summary>A pseudo-terminal: this is the board's side, and <see cref="Name"/> the serial port.</summary>
/// <remarks>Its attributes are looked at by libc's own calls, and not by those of the code that is tested.</remarks>
internal sealed unsafe partial class Pty : IDisposable
{
    private const int ReadWrite = 2;
    private const int NoControl = 0x100;

    // glibc's struct termios on x64 and arm64: four flags, c_line, c_cc, speeds.
    private const int Attributes = 128;
    private const int ControlOffset = 8;

    private readonly SafeFileHandle _master;

    public Pty()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the figures in here are Linux's");
        var master = posix_openpt(ReadWrite | NoControl);
        Assert.True(master >= 0, "no pseudo-terminal is to be had");
        _master = new SafeFileHandle(master, ownsHandle: true);
        Assert.Equal(0, grantpt(master));
        Assert.Equal(0, unlockpt(master));
        var name = stackalloc byte[128];
        Assert.Equal(0, ptsname_r(master, name, 128));
        Name = Marshal.PtrToStringUTF8((nint)name)!;
    }

    public string Name { get; }

    /// <summary>c_cflag of both sides: the kernel keeps one set of attributes for a pseudo-terminal.</summary>
    public uint ControlFlags
    {
        get
        {
            var attributes = Get();
            fixed (byte* bytes = attributes)
            {
                return *(uint*)(bytes + ControlOffset);
            }
        }
    }

    /// <summary>The code of the baud rate (termios.h): B1200 is 9.</summary>
    public uint Speed
    {
        get
        {
            var attributes = Get();
            fixed (byte* bytes = attributes)
            {
                return cfgetospeed(bytes);
            }
        }
    }

    /// <summary>The baud rate as a number, from the kernel's struct termios2 (TCGETS2).</summary>
    public int BaudRate
    {
        get
        {
            var attributes = stackalloc byte[Attributes];
            Assert.Equal(0, ioctl((int)_master.DangerousGetHandle(), 0x802C542A, attributes));
            return *(int*)(attributes + 40);
        }
    }

    /// <summary>All attributes of both sides.</summary>
    public byte[] AllAttributes => Get();

    /// <summary>Whether there is something to read on the board's side.</summary>
    public bool HasOutput
    {
        get
        {
            // struct pollfd.
            var polled = stackalloc int[2] { (int)_master.DangerousGetHandle(), 1 };
            return poll(polled, 1, 50) > 0;
        }
    }

    /// <summary>The other side, as a program has its terminal.</summary>
    public SafeFileHandle OpenTerminal()
    {
        var file = open(Name, ReadWrite | NoControl);
        Assert.True(file >= 0, "the other side cannot be opened");
        return new SafeFileHandle(file, ownsHandle: true);
    }

    public void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            fixed (byte* bytes = data)
            {
                var written = write((int)_master.DangerousGetHandle(), bytes, (nuint)data.Length);
                Assert.True(written > 0, $"the board's side cannot write: errno {Marshal.GetLastPInvokeError()}");
                data = data[(int)written..];
            }
        }
    }

    /// <summary>Reads so many bytes.</summary>
    public byte[] Read(int count)
    {
        var all = new byte[count];
        var done = 0;
        while (done < count)
        {
            fixed (byte* bytes = &all[done])
            {
                var got = read((int)_master.DangerousGetHandle(), bytes, (nuint)(count - done));
                Assert.True(got > 0, $"the board's side cannot read: errno {Marshal.GetLastPInvokeError()}");
                done += (int)got;
            }
        }

        return all;
    }

    /// <summary>The board is unplugged.</summary>
    public void Dispose() => _master.Dispose();

    private byte[] Get()
    {
        var attributes = new byte[Attributes];
        fixed (byte* bytes = attributes)
        {
            Assert.Equal(0, tcgetattr((int)_master.DangerousGetHandle(), bytes));
        }

        return attributes;
    }

#pragma warning disable IDE1006, SA1300 // Names are libc's.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int posix_openpt(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(int* files, nuint count, int timeout);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int grantpt(int file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlockpt(int file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ptsname_r(int file, byte* name, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int file, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int file, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcgetattr(int file, byte* attributes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int file, nuint request, byte* argument);

    [LibraryImport("libc")]
    private static partial uint cfgetospeed(byte* attributes);
}
