using System.Net;
using Microsoft.Extensions.Logging;

namespace Defuse.UsbIp;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Imported {BusId} from {Host} port {Port}")]
    public static partial void Imported(ILogger logger, string busId, string host, int port);

    [LoggerMessage(2, LogLevel.Warning, "Descriptors of {BusId} cannot be read: {Reason}")]
    public static partial void DescriptorsUnreadable(ILogger logger, string busId, string reason);

    [LoggerMessage(3, LogLevel.Warning, "The server did not say what became of transfer {SeqNum} to {BusId}, which was given up")]
    public static partial void UnlinkUnanswered(ILogger logger, string busId, uint seqNum);

    [LoggerMessage(11, LogLevel.Warning, "USB/IP server: {BusId} is not listed: {Reason}")]
    public static partial void NotListed(ILogger logger, string busId, string reason);

    [LoggerMessage(12, LogLevel.Error, "A peripheral failed while it answered a control transfer")]
    public static partial void PeripheralFailed(ILogger logger, Exception exception);

    [LoggerMessage(10, LogLevel.Information, "USB/IP server: {Kind} {BusId} ({Client}) {Detail}")]
    public static partial void Server(ILogger logger, UsbIpServerEventKind kind, string? busId, EndPoint? client, string? detail);
}
