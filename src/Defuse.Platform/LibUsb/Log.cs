using Microsoft.Extensions.Logging;

namespace Defuse.Platform.LibUsb;

internal static partial class Log
{
    [LoggerMessage(20, LogLevel.Warning, "libusb failed to handle its events: {Error}")]
    public static partial void EventsFailed(ILogger logger, string error);

    [LoggerMessage(21, LogLevel.Debug, "Opened {Location}")]
    public static partial void Opened(ILogger logger, string location);

    [LoggerMessage(22, LogLevel.Warning, "Strings of {Location} cannot be read: {Reason}")]
    public static partial void StringsUnreadable(ILogger logger, string location, string reason);

    [LoggerMessage(23, LogLevel.Warning, "The driver of {Location}, interface {Interface}, could not be given it back: {Error}")]
    public static partial void DriverNotAttached(ILogger logger, string location, byte @interface, string error);
}
