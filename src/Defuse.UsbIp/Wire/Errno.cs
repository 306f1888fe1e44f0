using System.Globalization;

namespace Defuse.UsbIp.Wire;

/// <summary>The error numbers that a status on the wire is the negative of: Linux's, whatever the server runs on.</summary>
internal static class Errno
{
    public const int Enoent = 2;
    public const int Enodev = 19;
    public const int Einval = 22;
    public const int Epipe = 32;
    public const int Eproto = 71;
    public const int Eoverflow = 75;
    public const int Econnreset = 104;
    public const int Eshutdown = 108;

    public static string Describe(int status) => unchecked(-status) switch
    {
        Enoent => "ENOENT, the transfer was taken back",
        5 => "EIO, input or output failed",
        12 => "ENOMEM, out of memory",
        Enodev => "ENODEV, the device is gone",
        Einval => "EINVAL, the transfer makes no sense",
        Epipe => "EPIPE, STALL",
        62 => "ETIME, the device did not answer on the bus",
        63 => "ENOSR, the host is too slow",
        70 => "ECOMM, the host is too slow",
        Eproto => "EPROTO, an error on the bus: cable, hub or a device that is leaving",
        Eoverflow => "EOVERFLOW, the device sent more than it was asked for",
        84 => "EILSEQ, a checksum error on the bus: cable or hub",
        Econnreset => "ECONNRESET, the transfer was taken back",
        Eshutdown => "ESHUTDOWN, the device was unplugged",
        110 => "ETIMEDOUT, the device did not answer in time",
        121 => "EREMOTEIO, fewer bytes came than were asked for",
        _ => string.Create(CultureInfo.InvariantCulture, $"status {status}"),
    };
}
