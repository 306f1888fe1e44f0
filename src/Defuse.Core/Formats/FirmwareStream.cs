using System.Buffers;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Firmware files from and to streams, with as little in memory besides the image as the format allows.</summary>
internal static class FirmwareStream
{
    private const int BufferSize = 128 << 10;

    public static async ValueTask<FirmwareFile> ReadAsync(Stream stream, FirmwareReadOptions options, CancellationToken cancellationToken)
    {
        var start = stream.CanSeek ? stream.Position : 0;
        long? length = stream.CanSeek ? Math.Max(0, stream.Length - start) : null;
        RefuseTooLarge(length ?? 0);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var head = await stream.ReadAtLeastAsync(buffer, TextFormats.HeadSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var text = TextFormats.Recognize(buffer.AsSpan(0, head));
            if (text is null || (options.Format is { } wanted && !TextFormats.IsText(wanted)))
            {
                var bytes = await ReadRestAsync(stream, buffer.AsMemory(0, head), length, cancellationToken).ConfigureAwait(false);
                return FirmwareFile.Parse(bytes, options, isOwned: true);
            }

            var format = options.Format ?? text.Value;
            var parser = TextFormats.Parser(format, options.Allow, (int)(length ?? 0));
            await PushAsync(stream, parser, buffer, head, cancellationToken).ConfigureAwait(false);
            try
            {
                return parser.Finish();
            }
            catch (ImageConflictException conflict) when (stream.CanSeek)
            {
                // The image joins neighbours, so the records that disagree are looked up in the stream again.
                stream.Position = start;
                var search = new ConflictSearch(conflict.Address!.Value);
                await PushAsync(stream, TextFormats.Parser(format, options.Allow, search: search), buffer, 0, cancellationToken).ConfigureAwait(false);
                throw search.Found ?? conflict;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static async ValueTask WriteAsync(Stream stream, RecordWriter records, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            for (var length = records.Fill(buffer); length > 0; length = records.Fill(buffer))
            {
                await stream.WriteAsync(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static async ValueTask WriteBinaryAsync(Stream stream, FirmwareImage image, byte fill, CancellationToken cancellationToken)
    {
        BinaryFormat.RefuseUnfit(image);
        byte[] filler = [];
        long position = image.Extent!.Value.Start;
        foreach (var segment in image.Segments)
        {
            while (position < segment.Range.Start)
            {
                if (filler.Length == 0)
                {
                    filler = new byte[BufferSize];
                    filler.AsSpan().Fill(fill);
                }

                var length = (int)Math.Min(filler.Length, segment.Range.Start - position);
                await stream.WriteAsync(filler.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                position += length;
            }

            await stream.WriteAsync(segment.Data, cancellationToken).ConfigureAwait(false);
            position = segment.Range.End;
        }
    }

    // From the first bytes of the buffer, which are there already, to the stream's end.
    private static async ValueTask PushAsync(Stream stream, TextParser parser, byte[] buffer, int filled, CancellationToken cancellationToken)
    {
        long total = filled;
        for (var isLast = false; !isLast;)
        {
            // What is left over is shorter than the buffer, so there is room to read on.
            var left = filled - parser.Push(buffer.AsSpan(0, filled), isLast: false);
            buffer.AsSpan(filled - left, left).CopyTo(buffer);
            filled = left;
            var read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            isLast = read == 0;
            filled += read;
            total += read;
            RefuseTooLarge(total);
        }

        parser.Push(buffer.AsSpan(0, filled), isLast: true);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadRestAsync(
        Stream stream, ReadOnlyMemory<byte> head, long? length, CancellationToken cancellationToken)
    {
        // One more than the stream says that it has, so that its end is met without growing.
        var bytes = GC.AllocateUninitializedArray<byte>((int)Math.Max(head.Length, length ?? 0) + 1);
        head.CopyTo(bytes);
        var filled = head.Length;
        while (true)
        {
            var read = await stream.ReadAsync(bytes.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return bytes.AsMemory(0, filled);
            }

            filled += read;
            RefuseTooLarge(filled);
            if (filled == bytes.Length)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }
        }
    }

    private static void RefuseTooLarge(long size)
    {
        if (size > BinaryFormat.MaxSize)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.TooLarge,
                $"the file has more than {BinaryFormat.MaxSize} bytes, and no firmware for a microcontroller is that large",
                "check that it is the file that you meant",
                $"at most {BinaryFormat.MaxSize} bytes");
        }
    }
}
