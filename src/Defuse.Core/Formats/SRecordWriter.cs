using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Writes Motorola S-records.</summary>
internal sealed class SRecordWriter : RecordWriter
{
    /// <summary>How many bytes of data the longest S3 record carries.</summary>
    private const int MostBytes = 255 - 4 - 1;

    // Mark, length, checksum, CR and LF.
    private const int Overhead = 8;

    private readonly byte[] _header;
    private readonly uint _entryPoint;
    private readonly int _width;
    private readonly long _count;

    public SRecordWriter(FirmwareImage image, string? header, uint? entryPoint, int bytesPerRecord)
        : base(image, bytesPerRecord, MostBytes)
    {
        _header = Header(header);
        _entryPoint = entryPoint ?? 0;
        _width = Math.Max(image.Extent!.Value.Last, _entryPoint) switch
        {
            <= 0xFFFF => 2,
            <= 0xFF_FFFF => 3,
            _ => 4,
        };
        foreach (var segment in image.Segments)
        {
            _count += (segment.Range.Length + bytesPerRecord - 1) / bytesPerRecord;
        }

        Size = (_count * (Overhead + (2 * _width))) + (2 * image.ByteCount)
            + (_header.Length == 0 ? 0 : Overhead + 4 + (2 * _header.Length))
            + (CountWidth == 0 ? 0 : Overhead + (2 * CountWidth))
            + Overhead + (2 * _width);
    }

    protected override long Size { get; }

    protected override string Name => "an S-record file";

    private int CountWidth => _count switch
    {
        <= 0xFFFF => 2,
        <= 0xFF_FFFF => 3,
        _ => 0,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override int WriteData(uint address, ReadOnlySpan<byte> data, int bytesPerRecord, ref Span<byte> rest)
    {
        var left = data;
        var target = rest;
        var type = (byte)('0' + _width - 1);
        while (!left.IsEmpty)
        {
            var length = Math.Min(left.Length, bytesPerRecord);
            if (target.Length < Overhead + (2 * (_width + length)))
            {
                break;
            }

            target = target[Write(target, type, _width, address, left[..length])..];
            left = left[length..];
            address = unchecked(address + (uint)length);
        }

        rest = target;
        return data.Length - left.Length;
    }

    protected override int WriteOther(int index, bool isStart, Span<byte> record)
    {
        if (isStart)
        {
            return index == 0 && _header.Length > 0 ? Write(record, (byte)'0', 2, 0, _header) : 0;
        }

        if (index == 0 && CountWidth > 0)
        {
            return Write(record, (byte)(CountWidth == 2 ? '5' : '6'), CountWidth, (uint)_count, []);
        }

        return index == (CountWidth > 0 ? 1 : 0) ? Write(record, (byte)('7' + 4 - _width), _width, _entryPoint, []) : 0;
    }

    private static byte[] Header(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return [];
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= 255 - 2 - 1 && text.All(PrintableText.IsSafe)
            ? bytes
            : throw new ArgumentException("An S-record file's header is up to 252 bytes of printable UTF-8.", nameof(text));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Write(Span<byte> record, byte type, int width, uint address, ReadOnlySpan<byte> data)
    {
        var length = width + data.Length + 1;
        record[0] = (byte)'S';
        record[1] = type;
        BinaryPrimitives.WriteUInt16LittleEndian(record[2..], HexCodec.Encode((byte)length));

        // Eight digits of which the first count; what follows is written over the others.
        var digits = HexCodec.Encode(BinaryPrimitives.ReverseEndianness(address << (8 * (4 - width))));
        BinaryPrimitives.WriteUInt64LittleEndian(record[4..], digits);
        var start = 4 + (2 * width);
        var sum = HexCodec.Encode(data, record[start..]) + (uint)length
            + (address & 0xFF) + ((address >> 8) & 0xFF) + ((address >> 16) & 0xFF) + (address >> 24);
        WriteEnd(unchecked((byte)~sum), record[(start + (2 * data.Length))..]);
        return Overhead + (2 * (width + data.Length));
    }
}
