using System.Buffers.Binary;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Intel HEX (Intel's Hexadecimal Object File Format Specification, revision A).</summary>
public static class IntelHexFormat
{
    internal const byte Data = 0;
    internal const byte EndOfFile = 1;
    internal const byte ExtendedSegmentAddress = 2;
    internal const byte StartSegmentAddress = 3;
    internal const byte ExtendedLinearAddress = 4;
    internal const byte StartLinearAddress = 5;

    // Colon, length, address, type, checksum, CR and LF.
    private const int RecordOverhead = 13;

    /// <summary>A file with 32-bit linear addresses and CRLF line ends.</summary>
    /// <param name="image">What it is to hold; not empty.</param>
    /// <param name="entryPoint">Where execution starts, for a type 05 record; null for none.</param>
    /// <param name="bytesPerRecord">How many bytes a record carries, 1 to 255; tools write 16 or 32.</param>
    /// <exception cref="ArgumentException">The image is empty, or the bytes per record are out of range.</exception>
    /// <exception cref="FirmwareFormatException">The file would be larger than 2 GiB.</exception>
    public static byte[] Write(FirmwareImage image, uint? entryPoint = null, int bytesPerRecord = 16)
    {
        FirmwareFile.RefuseEmpty(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesPerRecord, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytesPerRecord, 255);
        var size = SizeOf(image, entryPoint, bytesPerRecord);
        if (size > Array.MaxLength)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.TooLarge, $"an Intel HEX file of this image would take {size} bytes", "write it as DfuSe, or in parts");
        }

        var file = new byte[size];
        var rest = file.AsSpan();
        Span<byte> number = stackalloc byte[4];
        var upper = 0u;
        foreach (var segment in image.Segments)
        {
            var data = segment.Data.Span;
            var address = segment.Range.Start;
            while (!data.IsEmpty)
            {
                if (address >> 16 != upper)
                {
                    upper = address >> 16;
                    BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)upper);
                    WriteRecord(ref rest, ExtendedLinearAddress, 0, number[..2]);
                }

                var length = Math.Min(Math.Min(data.Length, bytesPerRecord), 0x10000 - (int)(address & 0xFFFF));
                WriteRecord(ref rest, Data, (ushort)(address & 0xFFFF), data[..length]);
                data = data[length..];
                address = unchecked(address + (uint)length);
            }
        }

        if (entryPoint is { } entry)
        {
            BinaryPrimitives.WriteUInt32BigEndian(number, entry);
            WriteRecord(ref rest, StartLinearAddress, 0, number);
        }

        WriteRecord(ref rest, EndOfFile, 0, []);
        return file;
    }

    private static long SizeOf(FirmwareImage image, uint? entryPoint, int bytesPerRecord)
    {
        long records = entryPoint is null ? 1 : 2;
        var digits = (2 * image.ByteCount) + (entryPoint is null ? 0 : 8);
        long upper = 0;
        foreach (var segment in image.Segments)
        {
            for (long address = segment.Range.Start; address < segment.Range.End;)
            {
                if (address >> 16 != upper)
                {
                    upper = address >> 16;
                    records++;
                    digits += 4;
                }

                var end = Math.Min((address | 0xFFFF) + 1, segment.Range.End);
                records += (end - address + bytesPerRecord - 1) / bytesPerRecord;
                address = end;
            }
        }

        return (records * RecordOverhead) + digits;
    }

    private static void WriteRecord(ref Span<byte> rest, byte type, ushort address, scoped ReadOnlySpan<byte> data)
    {
        Span<byte> record = stackalloc byte[5 + 255];
        record = record[..(5 + data.Length)];
        record[0] = (byte)data.Length;
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], address);
        record[3] = type;
        data.CopyTo(record[4..]);
        record[^1] = unchecked((byte)-Sum(record[..^1]));
        rest[0] = (byte)':';
        Convert.TryToHexString(record, rest[1..], out var written);
        "\r\n"u8.CopyTo(rest[(1 + written)..]);
        rest = rest[(written + 3)..];
    }

    /// <summary>The sum of bytes, as far as the checksum cares.</summary>
    internal static int Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0;
        foreach (var value in bytes)
        {
            sum += value;
        }

        return sum;
    }
}
