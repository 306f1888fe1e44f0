using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Motorola S-record (M68000 Family Programmer's Reference Manual, appendix C).</summary>
public static class SRecordFormat
{
    internal const int BytesPerRecord = 16;

    /// <summary>
    /// A file with CRLF line ends, of the shortest addresses that all of it fits in (S1, S2 or S3), with the records' count (S5 or
    /// S6) if that has a place.
    /// </summary>
    /// <param name="image">What it is to hold; not empty.</param>
    /// <param name="header">A text for the S0 record, printable and at most 252 bytes of UTF-8; null for no such record.</param>
    /// <param name="entryPoint">Where execution starts, for the S7, S8 or S9 record; 0 says the same as null, that it is not known.</param>
    /// <param name="bytesPerRecord">How many bytes a record carries, 1 to 250; tools write 16 or 32.</param>
    /// <exception cref="ArgumentException">
    /// The image is empty, the header does not fit or is not printable, or the bytes per record are out of range.
    /// </exception>
    /// <exception cref="FirmwareFormatException">The file would be larger than 2 GiB.</exception>
    public static byte[] Write(FirmwareImage image, string? header = null, uint? entryPoint = null, int bytesPerRecord = BytesPerRecord) =>
        new SRecordWriter(image, header, entryPoint, bytesPerRecord).ToArray();
}
