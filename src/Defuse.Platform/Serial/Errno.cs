using System.Runtime.InteropServices;

namespace Defuse.Platform.Serial;

/// <summary>Errors of POSIX's calls that mean something to a serial port. Linux and macOS number these alike.</summary>
internal static class Errno
{
    public const int None = 0;
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int NoSuchDeviceOrAddress = 6;
    public const int AccessDenied = 13;
    public const int Busy = 16;
    public const int NoSuchDevice = 19;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int NotTerminal = 25;

    private const int LinuxAgain = 11;
    private const int MacAgain = 35;

    /// <summary>The error of the call that was made last on this thread.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>Whether a file that does not wait has nothing now (EAGAIN), or a signal came in between.</summary>
    public static bool IsTryAgain(int error) => error == Interrupted || error == (OperatingSystem.IsMacOS() ? MacAgain : LinuxAgain);

    /// <summary>Whether it says that what is behind an open port is gone.</summary>
    public static bool IsGone(int error) => error is InputOutput or NoSuchDeviceOrAddress or NoSuchDevice;

    /// <summary>Whether it says that the driver has no such call: a pseudo-terminal has no modem lines.</summary>
    public static bool IsUnsupported(int error) => error is NotTerminal or Invalid;

    public static string Text(int error) => Marshal.GetPInvokeErrorMessage(error);
}
