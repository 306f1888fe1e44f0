using Defuse.Simulator.Storage;

namespace Defuse.Simulator.Chips;

/// <summary>Bytes that outlive the power, and the process if they have a file.</summary>
internal sealed class NonVolatileMemory
{
    private readonly byte[] _bytes;
    private readonly BoardFile? _file;
    private readonly long _position;

    /// <param name="size">Bytes.</param>
    /// <param name="erasedByte">What they are at first.</param>
    /// <param name="file">Where they are kept; null for a memory that is forgotten.</param>
    /// <param name="position">Where in the file.</param>
    public NonVolatileMemory(int size, byte erasedByte, BoardFile? file, long position)
    {
        _bytes = new byte[size];
        ErasedByte = erasedByte;
        _file = file;
        _position = position;
        if (file is null)
        {
            Array.Fill(_bytes, erasedByte);
        }
        else
        {
            file.Read(position, _bytes, erasedByte);
        }
    }

    public byte ErasedByte { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    public void Write(int offset, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_bytes.AsSpan(offset));
        _file?.Write(_position + offset, bytes, ErasedByte);
    }

    public void Erase(int offset, int count)
    {
        var span = _bytes.AsSpan(offset, count);
        span.Fill(ErasedByte);
        _file?.Write(_position + offset, span, ErasedByte);
    }
}
