using System.Buffers.Binary;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Writes an image as lines of digits, piece by piece.</summary>
internal abstract class RecordWriter
{
    /// <summary>The longest record with its line end: a mark of two characters, 260 bytes, CR and LF.</summary>
    public const int MaxRecordSize = 2 + (2 * 260) + 2;

    private readonly FirmwareImage _image;
    private readonly int _bytesPerRecord;
    private int _segment;
    private int _offset;
    private int _other;

    /// <param name="image">What is written; not empty.</param>
    /// <param name="bytesPerRecord">How many bytes a record carries, from 1.</param>
    /// <param name="most">How many it could carry.</param>
    protected RecordWriter(FirmwareImage image, int bytesPerRecord, int most)
    {
        FirmwareFile.RefuseEmpty(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesPerRecord, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytesPerRecord, most);
        _image = image;
        _bytesPerRecord = bytesPerRecord;
    }

    /// <summary>How long the file will be.</summary>
    protected abstract long Size { get; }

    /// <summary>What the file is, for messages.</summary>
    protected abstract string Name { get; }

    /// <summary>The whole file.</summary>
    /// <exception cref="FirmwareFormatException">It would be larger than 2 GiB.</exception>
    public byte[] ToArray()
    {
        if (Size > Array.MaxLength)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.TooLarge, $"{Name} of this image would take {Size} bytes", "write it as DfuSe, or in parts");
        }

        var file = GC.AllocateUninitializedArray<byte>((int)Size);
        Fill(file);
        return file;
    }

    /// <summary>Writes as many more records as fit.</summary>
    /// <param name="chunk">Takes them; at least <see cref="MaxRecordSize"/> long unless it takes all that is left.</param>
    /// <returns>How many bytes were written; 0 when all is done.</returns>
    public int Fill(Span<byte> chunk)
    {
        var rest = chunk;
        while (_segment < _image.Segments.Length)
        {
            if (_segment == 0 && _offset == 0 && !WriteOthers(ref rest, isStart: true))
            {
                return chunk.Length - rest.Length;
            }

            var segment = _image.Segments[_segment];
            _offset += WriteData(segment.Range.Start + (uint)_offset, segment.Data.Span[_offset..], _bytesPerRecord, ref rest);
            if (_offset < segment.Data.Length)
            {
                return chunk.Length - rest.Length;
            }

            (_segment, _offset, _other) = (_segment + 1, 0, 0);
        }

        WriteOthers(ref rest, isStart: false);
        return chunk.Length - rest.Length;
    }

    /// <summary>Writes data records as long as they fit; says how many bytes of data they took.</summary>
    protected abstract int WriteData(uint address, ReadOnlySpan<byte> data, int bytesPerRecord, ref Span<byte> rest);

    /// <summary>Writes one of the records before or behind the data.</summary>
    /// <param name="index">Which one, from 0.</param>
    /// <param name="isStart">Whether it stands before the data.</param>
    /// <param name="record">Takes it.</param>
    /// <returns>How long it is; 0 if there are no more.</returns>
    protected abstract int WriteOther(int index, bool isStart, Span<byte> record);

    /// <summary>Ends a record with its checksum, CR and LF.</summary>
    protected static void WriteEnd(byte checksum, Span<byte> end) =>
        BinaryPrimitives.WriteUInt32LittleEndian(end, HexCodec.Encode(checksum) | 0x0A0D_0000u);

    private bool WriteOthers(ref Span<byte> rest, bool isStart)
    {
        Span<byte> record = stackalloc byte[MaxRecordSize];
        for (var length = WriteOther(_other, isStart, record); length > 0; length = WriteOther(_other, isStart, record))
        {
            if (length > rest.Length)
            {
                return false;
            }

            record[..length].CopyTo(rest);
            rest = rest[length..];
            _other++;
        }

        return true;
    }
}
