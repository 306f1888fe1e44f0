using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Intel HEX (Intel's Hexadecimal Object File Format Specification, revision A).</summary>
public static class IntelHexFormat
{
    internal const int BytesPerRecord = 16;
    internal const byte Data = 0;
    internal const byte EndOfFile = 1;
    internal const byte ExtendedSegmentAddress = 2;
    internal const byte StartSegmentAddress = 3;
    internal const byte ExtendedLinearAddress = 4;
    internal const byte StartLinearAddress = 5;

    /// <summary>A file with 32-bit linear addresses and CRLF line ends.</summary>
    /// <param name="image">What it is to hold; not empty.</param>
    /// <param name="entryPoint">Where execution starts, for a type 05 record; null for none.</param>
    /// <param name="bytesPerRecord">How many bytes a record carries, 1 to 255; tools write 16 or 32.</param>
    /// <exception cref="ArgumentException">The image is empty, or the bytes per record are out of range.</exception>
    /// <exception cref="FirmwareFormatException">The file would be larger than 2 GiB.</exception>
    public static byte[] Write(FirmwareImage image, uint? entryPoint = null, int bytesPerRecord = BytesPerRecord) =>
        new IntelHexWriter(image, entryPoint, bytesPerRecord).ToArray();
}
