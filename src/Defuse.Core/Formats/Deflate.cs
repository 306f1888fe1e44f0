using System.Buffers;
using System.IO.Compression;

namespace Defuse.Formats;

/// <summary>Unpacks deflated bytes (RFC 1951) that may be hostile: memory grows with what really comes out, up to a limit.</summary>
internal static class Deflate
{
    /// <summary>The most that an archive may unpack to: no firmware is larger, or shrinks better.</summary>
    public static long Limit(long archiveSize) => Math.Min(128L << 20, (16L << 20) + (64 * archiveSize));

    /// <param name="packed">The deflated bytes, which end where the data end or later.</param>
    /// <param name="limit">How many bytes may come out.</param>
    /// <param name="unpacked">What came out; empty unless all of it did.</param>
    public static DeflateOutcome Unpack(ReadOnlyMemory<byte> packed, long limit, out ReadOnlyMemory<byte> unpacked)
    {
        using var source = new WatchedStream(packed);
        using var inflater = new DeflateStream(source, CompressionMode.Decompress);
        var output = new ArrayBufferWriter<byte>(Math.Clamp(packed.Length, 256, 1 << 20));
        var outcome = DeflateOutcome.Complete;
        try
        {
            while (true)
            {
                var count = inflater.Read(output.GetSpan(4096));
                output.Advance(count);
                if (output.WrittenCount > limit)
                {
                    outcome = DeflateOutcome.TooLarge;
                    break;
                }

                if (count == 0)
                {
                    outcome = source.RanDry ? DeflateOutcome.CutOff : DeflateOutcome.Complete;
                    break;
                }
            }
        }
        catch (InvalidDataException)
        {
            outcome = DeflateOutcome.Damaged;
        }

        unpacked = outcome == DeflateOutcome.Complete ? output.WrittenMemory : default;
        return outcome;
    }

    // The inflater takes a source that ends early for the end of its data; only one that asked for more was cut off.
    private sealed class WatchedStream(ReadOnlyMemory<byte> bytes) : Stream
    {
        private int _position;

        public bool RanDry { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, bytes.Length - _position);
            bytes.Span.Slice(_position, count).CopyTo(buffer);
            _position += count;
            RanDry |= count == 0 && buffer.Length > 0;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
