using System.Globalization;
using System.Security.Cryptography;
using Defuse.Formats;

namespace Defuse.Cli;

/// <summary>A firmware file as it is read: counts, refuses more than any firmware has, and stops when it is told to.</summary>
/// <param name="inner">The file, or the pipe.</param>
/// <param name="name">What messages call it.</param>
internal sealed class FirmwareStream(Stream inner, string name) : Stream
{
    private const int Chunk = 1 << 16;

    // Of a read that nobody waits for any more the bytes still arrive, and must not do so in the caller's buffer.
    private readonly byte[] _chunk = inner.CanSeek ? [] : new byte[Chunk];
    private IncrementalHash? _hash;
    private bool _isAbandoned;

    /// <summary>How many bytes were read.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Has what comes from now on counted for <see cref="HashAsync"/>.</summary>
    public void BeginHash() => _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The SHA-256 of all that was read, in lower case.</summary>
    public async ValueTask<string> HashAsync(CancellationToken cancellationToken)
    {
        if (!inner.CanSeek)
        {
            return Convert.ToHexStringLower(_hash!.GetHashAndReset());
        }

        inner.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(inner, cancellationToken).ConfigureAwait(false));
    }

    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = inner.CanSeek
                ? await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)
                : await ReadPipeAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FirmwareSource.CannotRead(name, e);
        }

        if (count > 0 && inner.CanSeek && inner.Length == 0)
        {
            // A file has a length; what delivers without one makes its bytes up.
            throw FirmwareSource.NoFile(name);
        }

        // What can be sought may be read twice.
        BytesRead = inner.CanSeek ? Math.Max(BytesRead, inner.Position) : BytesRead + count;
        RefuseLarge(BytesRead, name);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Firmware is read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is written.
    }

    /// <exception cref="FirmwareFormatException">It is larger than any firmware.</exception>
    public static void RefuseLarge(long size, string name)
    {
        if (size > BinaryFormat.MaxSize)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.TooLarge,
                string.Create(CultureInfo.InvariantCulture, $"{name} holds more than {BinaryFormat.MaxSize >> 20} MB, which is no firmware for a microcontroller"),
                "check that it is the file you meant");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        // To close a pipe that is being read from waits for its writer.
        if (!_isAbandoned)
        {
            await inner.DisposeAsync().ConfigureAwait(false);
        }

        _hash?.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isAbandoned)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    // Nothing interrupts a read from a pipe: the thread is left behind when nobody waits any more.
    private async Task<int> ReadPipeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var length = Math.Min(buffer.Length, _chunk.Length);
        var reading = Task.Run(() => inner.Read(_chunk, 0, length), cancellationToken);
        try
        {
            var count = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            _chunk.AsMemory(0, count).CopyTo(buffer);
            _hash?.AppendData(_chunk, 0, count);
            return count;
        }
        catch (OperationCanceledException)
        {
            _isAbandoned = !reading.IsCompleted;
            throw;
        }
    }
}
