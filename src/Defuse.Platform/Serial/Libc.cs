using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Serial;

/// <summary>The calls of POSIX that serial ports are made of. Each returns what the call returns; errno is the last P/Invoke error.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal static partial class Libc
{
    /// <summary>POLLIN, the same on Linux and macOS, as the others are.</summary>
    public const short PollIn = 0x01;

    public const short PollOut = 0x04;

    // Apple's 64-bit ARM passes what an ellipsis stands for on the stack, and everything else in registers, of which there are eight.
    private static readonly bool HasArgumentsOnStack = OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint Read(SafeFileHandle file, Span<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Poll(Span<Polled> files, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Access(string path, int mode);

    /// <summary>ioctl with one argument, a number or an address.</summary>
    public static int Control(SafeFileHandle file, nuint request, nint argument) =>
        HasArgumentsOnStack ? Control(file, request, 0, 0, 0, 0, 0, 0, argument) : ControlInRegisters(file, request, argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ControlInRegisters(SafeFileHandle file, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(
        SafeFileHandle file, nuint request, nint third, nint fourth, nint fifth, nint sixth, nint seventh, nint eighth, nint argument);

    /// <summary>struct pollfd.</summary>
    public struct Polled
    {
        public int File;
        public short Wanted;
        public short Found;
    }
}
