namespace Defuse.Platform.Windows;

/// <summary>Errors of Windows (winerror.h) that mean something to a USB host.</summary>
internal static class Win32Error
{
    public const int None = 0;
    public const int FileNotFound = 2;
    public const int PathNotFound = 3;
    public const int AccessDenied = 5;
    public const int BadCommand = 22;
    public const int GeneralFailure = 31;
    public const int SharingViolation = 32;
    public const int InvalidParameter = 87;
    public const int SemaphoreTimeout = 121;
    public const int AlreadyExists = 183;
    public const int NoMoreItems = 259;
    public const int NoSuchDevice = 433;
    public const int OperationAborted = 995;
    public const int IoPending = 997;
    public const int NotFound = 1168;
    public const int DeviceNotConnected = 1167;
    public const int Timeout = 1460;
    public const int DeviceRemoved = 1617;

    /// <summary>Whether it says that the device is no longer there.</summary>
    public static bool IsGone(int error) =>
        error is FileNotFound or PathNotFound or BadCommand or NoSuchDevice or DeviceNotConnected or DeviceRemoved;

    /// <summary>What a failed transfer is.</summary>
    /// <param name="error">The error.</param>
    /// <param name="isPresent">Asks whether the device is still there: for a STALL and for a device that leaves Windows gives the same error.</param>
    /// <param name="timeout">How long it was waited for.</param>
    public static TransportException OfTransfer(int error, Func<bool> isPresent, TimeSpan timeout) => error switch
    {
        SemaphoreTimeout or Timeout => new(TransportFailure.Timeout, $"the device did not answer within {timeout.TotalSeconds:0.###} s"),
        _ when IsGone(error) || !isPresent() => new(TransportFailure.Disconnected, "the device left the bus"),
        GeneralFailure => new(TransportFailure.Stall, "the device refused the request (STALL)"),
        _ => new(TransportFailure.Fault, $"the transfer failed (Windows' error {error})"),
    };

    /// <summary>Why a device was not opened.</summary>
    /// <param name="error">The error.</param>
    /// <param name="isPresent">Asks whether the device is still there.</param>
    public static TransportException OfOpening(int error, Func<bool> isPresent) => error switch
    {
        AccessDenied or SharingViolation => new(
            TransportFailure.CannotOpen,
            $"another program has it open, or this user may not open it (Windows' error {error})",
            "Close what else uses the board (STM32CubeProgrammer, a browser page with WebUSB, another defuse) and run the same command again"),
        _ when IsGone(error) || !isPresent() => new(TransportFailure.Disconnected, "the device left the bus while it was opened"),
        _ => new(TransportFailure.CannotOpen, $"Windows does not open it (error {error})", "Plug it in again and run the same command again"),
    };
}
