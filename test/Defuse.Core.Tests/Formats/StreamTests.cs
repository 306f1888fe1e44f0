using System.Text;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

public class StreamTests
{
    [Fact]
    public void A_text_in_pieces_of_any_size_gives_the_same_file_or_the_same_error()
    {
        var random = new Random(80);
        var opened = 0;
        for (var round = 0; round < 1500; round++)
        {
            var format = (FirmwareFormat[])[FirmwareFormat.IntelHex, FirmwareFormat.SRecord, FirmwareFormat.TiText];
            var (text, kind) = RandomText(random, format[round % 3]);
            var allow = (FileAllowances)random.Next(16);
            var whole = Outcome(() => TextFormats.Read(kind, text, allow));
            var most = (int[])[20, 100, 1500, 5000];
            var pieces = Outcome(() => InPieces(kind, text, allow, () => random.Next(1, most[round % most.Length])));
            Assert.Equal(whole, pieces);
            opened += whole.StartsWith("opened", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.InRange(opened, 300, 1200);
    }

    [Fact]
    public async Task A_stream_gives_the_same_file_or_the_same_error_as_its_bytes()
    {
        var random = new Random(81);
        for (var round = 0; round < 300; round++)
        {
            var bytes = (round % 5) switch
            {
                0 => RandomText(random, FirmwareFormat.IntelHex).Text,
                1 => RandomText(random, FirmwareFormat.SRecord).Text,
                2 => RandomText(random, FirmwareFormat.TiText).Text,
                3 => DfuSeFormat.Write(RandomImages.Sparse(random)),
                _ => RandomImages.Bytes(random, random.Next(0, 200_000)),
            };
            var options = new FirmwareReadOptions { Allow = (FileAllowances)random.Next(16) };
            using var stream = new SlowStream(bytes, random, canSeek: random.Next(2) == 0);
            Assert.Equal(Outcome(() => FirmwareFile.Parse(bytes, options)), await OutcomeAsync(() => FirmwareFile.ReadAsync(stream, options)));
        }
    }

    [Theory]
    [InlineData(FirmwareFormat.IntelHex)]
    [InlineData(FirmwareFormat.SRecord)]
    [InlineData(FirmwareFormat.TiText)]
    [InlineData(FirmwareFormat.Binary)]
    public async Task A_large_stream_is_read_whole_with_no_more_memory_than_its_image_deserves(FirmwareFormat format)
    {
        var random = new Random(82);
        var image = FirmwareImage.FromBytes(0x0800_0000, RandomImages.Bytes(random, 3_000_000));
        var bytes = format == FirmwareFormat.TiText ? Encoding.ASCII.GetBytes(TiTextTests.Text(image, random)) : FirmwareFile.Write(format, image);
        foreach (var canSeek in new[] { true, false })
        {
            using var stream = new SlowStream(bytes, null, canSeek);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var reading = FirmwareFile.ReadAsync(stream);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(reading.IsCompleted);
            var file = await reading;
            Assert.Equal(image, file.NeedsAddress ? file.At(0x0800_0000).Image : file.Image);
            Assert.InRange(allocated, 3_000_000, 300_000 + (canSeek ? format == FirmwareFormat.Binary ? bytes.Length : bytes.Length / 2 : 12_000_000));
            Assert.True(stream.CanRead);
        }
    }

    [Fact]
    public async Task A_stream_is_read_from_where_it_stands()
    {
        using var stream = new MemoryStream(Encoding.ASCII.GetBytes("skipped" + RawHex.Record(0, 0, 1) + RawHex.Record(0, 0, 2) + RawHex.End));
        stream.Position = 7;
        var conflict = await Assert.ThrowsAsync<ImageConflictException>(async () => await FirmwareFile.ReadAsync(stream));
        Assert.Equal(("line 1", "line 2"), (conflict.FirstOrigin, conflict.SecondOrigin));
    }

    [Fact]
    public async Task Records_that_disagree_far_apart_are_named_by_their_lines_if_the_stream_can_go_back()
    {
        var filler = string.Concat(Enumerable.Range(0, 9000).Select(i => RawHex.Record(0, 16 + i, 0)));
        var bytes = Encoding.ASCII.GetBytes(RawHex.Record(0, 0, 1) + filler + RawHex.Record(0, 0, 2) + RawHex.End);
        foreach (var canSeek in new[] { true, false })
        {
            using var stream = new SlowStream(bytes, new Random(83), canSeek);
            var conflict = await Assert.ThrowsAsync<ImageConflictException>(async () => await FirmwareFile.ReadAsync(stream));
            Assert.Equal(0u, conflict.Address);
            Assert.Equal((canSeek ? "line 1" : null, canSeek ? "line 9002" : null), (conflict.FirstOrigin, conflict.SecondOrigin));
        }
    }

    [Fact]
    public async Task A_stream_that_is_no_firmware_s_size_is_refused()
    {
        var lines = new MemoryStream(Encoding.ASCII.GetBytes(RawHex.Record(0, 0, 1)));
        foreach (var (start, rest) in new[] { (lines.ToArray(), (byte)' '), ([0, 0, 2, 0x20], (byte)1) })
        {
            using var endless = new EndlessStream(start, rest);
            var refused = await Assert.ThrowsAsync<FirmwareFormatException>(async () => await FirmwareFile.ReadAsync(endless));
            Assert.Equal(FirmwareFormatErrorKind.TooLarge, refused.Kind);
            Assert.InRange(endless.Given, BinaryFormat.MaxSize, BinaryFormat.MaxSize + 300_000_000L);
        }

        var path = Path.GetTempFileName();
        try
        {
            await using var file = File.Open(path, FileMode.Open);
            file.SetLength(BinaryFormat.MaxSize + 1L);
            var refused = await Assert.ThrowsAsync<FirmwareFormatException>(async () => await FirmwareFile.ReadAsync(file));
            Assert.Equal((FirmwareFormatErrorKind.TooLarge, 0L), (refused.Kind, file.Position));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Reading_and_writing_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var image = FirmwareImage.FromBytes(0, [1]);
        using var stream = new MemoryStream(IntelHexFormat.Write(image));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await FirmwareFile.ReadAsync(stream, null, source.Token));
        foreach (var format in new[] { FirmwareFormat.DfuSe, FirmwareFormat.IntelHex, FirmwareFormat.SRecord, FirmwareFormat.Binary })
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await FirmwareFile.WriteAsync(stream, format, image, null, source.Token));
        }
    }

    [Theory]
    [InlineData(FirmwareFormat.DfuSe)]
    [InlineData(FirmwareFormat.IntelHex)]
    [InlineData(FirmwareFormat.SRecord)]
    [InlineData(FirmwareFormat.Binary)]
    public async Task What_is_written_to_a_stream_is_what_is_written_to_an_array(FirmwareFormat format)
    {
        var random = new Random(84);
        for (var round = 0; round < 30; round++)
        {
            var image = round switch
            {
                0 => FirmwareImage.FromBytes(0x0800_0000, RandomImages.Bytes(random, 400_000)),
                1 => Gap(300_000),
                _ => RandomImages.Sparse(random).Slice(new AddressRange(0x0800_0000, 0x3_0000)),
            };
            if (image.IsEmpty)
            {
                continue;
            }

            var options = new FirmwareWriteOptions { EntryPoint = round % 2 == 0 ? null : 0x0800_0009, Header = round % 3 == 0 ? null : "text", Fill = 7 };
            using var stream = new MemoryStream();
            await FirmwareFile.WriteAsync(stream, format, image, options);
            Assert.Equal(FirmwareFile.Write(format, image, options), stream.ToArray());
        }
    }

    [Fact]
    public async Task Nothing_that_cannot_be_written_is_begun()
    {
        using var stream = new MemoryStream();
        foreach (var format in new[] { FirmwareFormat.DfuSe, FirmwareFormat.IntelHex, FirmwareFormat.SRecord, FirmwareFormat.Binary })
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await FirmwareFile.WriteAsync(stream, format, FirmwareImage.Empty));
        }

        await Assert.ThrowsAsync<FirmwareFormatException>(
            async () => await FirmwareFile.WriteAsync(stream, FirmwareFormat.Binary, RandomImages.BothEnds()));
        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public void Records_come_whole_and_in_order_in_chunks_of_any_size()
    {
        var random = new Random(85);
        for (var round = 0; round < 200; round++)
        {
            var image = RandomImages.Sparse(random);
            Func<RecordWriter> writer = round % 2 == 0
                ? () => new IntelHexWriter(image, round % 3 == 0 ? null : 9, 1 + (round % 255))
                : () => new SRecordWriter(image, round % 3 == 0 ? null : "text", round % 5 == 0 ? null : 9, 1 + (round % 250));
            var pieces = new List<byte>();
            var chunks = writer();
            var chunk = new byte[RecordWriter.MaxRecordSize * 3];
            for (var length = chunks.Fill(chunk); length > 0;)
            {
                Assert.Equal((byte)'\n', chunk[length - 1]);
                pieces.AddRange(chunk[..length]);
                length = chunks.Fill(chunk.AsSpan(0, random.Next(RecordWriter.MaxRecordSize, chunk.Length)));
            }

            Assert.Equal(writer().ToArray(), pieces);
        }
    }

    private static FirmwareImage Gap(uint length)
    {
        var builder = new FirmwareImageBuilder();
        builder.Add(0x0800_0000, [1]);
        builder.Add(0x0800_0000 + length, [2]);
        return builder.Build();
    }

    // A text with a few records of every kind, and sometimes with something wrong.
    private static (byte[] Text, FirmwareFormat Format) RandomText(Random random, FirmwareFormat format)
    {
        var image = RandomImages.Sparse(random, random.Next(8) == 0 ? 20_000 : 700);
        var text = format switch
        {
            FirmwareFormat.IntelHex => IntelHexFormat.Write(image, random.Next(2) == 0 ? null : 5, random.Next(1, 256)),
            FirmwareFormat.SRecord => SRecordFormat.Write(image, random.Next(2) == 0 ? null : "text", 5, random.Next(1, 251)),
            _ => Encoding.ASCII.GetBytes(TiTextTests.Text(image, random)),
        };
        var lines = Encoding.ASCII.GetString(text).Split('\n').ToList();
        for (var i = random.Next(4); i > 0; i--)
        {
            var at = random.Next(lines.Count);
            switch (random.Next(12))
            {
                case 0:
                    lines[at] = new string(' ', random.Next(3000)) + lines[at];
                    break;
                case 1:
                    lines.Insert(at, new string('\r', random.Next(3000)));
                    break;
                case 2:
                    lines[at] = lines[at].TrimEnd('\r') + new string('\t', random.Next(3000));
                    break;
                case 3:
                    lines[at] = lines[at].ToLowerInvariant();
                    break;
                case 4:
                    lines[at] = lines[at].TrimEnd('\r') + "0";
                    break;
                case 5:
                    lines.RemoveAt(at);
                    break;
                case 6:
                    lines.Add(lines[at]);
                    break;
                case 7:
                    lines.Add(new string('\0', random.Next(3000)) + (random.Next(2) == 0 ? ";" : ""));
                    break;
                case 8 when lines[at].Length > 4:
                    var column = random.Next(lines[at].Length);
                    lines[at] = lines[at][..column] + "0123456789ABCDEFxyz :S@q"[random.Next(24)] + lines[at][(column + 1)..];
                    break;
                case 9:
                    (lines[at], lines[^1]) = (lines[^1], lines[at]);
                    break;
                case 10:
                    lines[at] = lines[at][..random.Next(lines[at].Length + 1)];
                    break;
                default:
                    lines = [.. lines.Select(x => x.TrimEnd('\r') + (random.Next(2) == 0 ? "\r" : ""))];
                    break;
            }
        }

        return (Encoding.ASCII.GetBytes(string.Join('\n', lines)), format);
    }

    private static FirmwareFile InPieces(FirmwareFormat format, byte[] text, FileAllowances allow, Func<int> size)
    {
        try
        {
            return Push(TextFormats.Parser(format, allow)).Finish();
        }
        catch (ImageConflictException conflict)
        {
            var search = new ConflictSearch(conflict.Address!.Value);
            Push(TextFormats.Parser(format, allow, search: search));
            throw search.Found!;
        }

        TextParser Push(TextParser parser)
        {
            var start = 0;
            for (var end = 0; end < text.Length;)
            {
                end = Math.Min(text.Length, end + size());
                start += parser.Push(text.AsSpan(start, end - start), isLast: end == text.Length);
                Assert.InRange(end - start, 0, TextParser.Window);
            }

            return parser;
        }
    }

    private static string Outcome(Func<FirmwareFile> open)
    {
        try
        {
            return Describe(open());
        }
        catch (DefuseException refused)
        {
            return Describe(refused);
        }
    }

    private static async Task<string> OutcomeAsync(Func<ValueTask<FirmwareFile>> open)
    {
        try
        {
            return Describe(await open());
        }
        catch (DefuseException refused)
        {
            return Describe(refused);
        }
    }

    private static string Describe(FirmwareFile file) =>
        $"opened {file.Format} {file.EntryPoint} {file.Header} {file.NeedsAddress} {string.Join('|', file.Warnings)} "
        + string.Join(' ', file.Image.Segments.Select(x => $"{x} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(x.Data.Span))}"));

    // A conflict has its lines only if the stream can seek.
    private static string Describe(DefuseException refused) => refused is FirmwareFormatException format
        ? $"refused {format.Kind} {format.Message} {format.Line} {format.Offset} {format.Expected} {format.Address}"
        : $"refused {refused.GetType().Name} {refused.Address}";

    /// <summary>Gives a few bytes at a time, or as many as are asked for.</summary>
    private sealed class SlowStream(byte[] bytes, Random? random, bool canSeek)
        : MemoryStream(bytes, 0, bytes.Length, writable: false, publiclyVisible: true)
    {
        public override bool CanSeek => canSeek;

        public override long Length => canSeek ? base.Length : throw new NotSupportedException();

        public override long Position
        {
            get => canSeek ? base.Position : throw new NotSupportedException();
            set => base.Position = canSeek ? value : throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var most = random is null ? buffer.Length : Math.Min(buffer.Length, random.Next(1, 20_000));

            // What the base class does for those who derive from it costs memory that would be counted.
            var read = Math.Min(most, (int)(base.Length - base.Position));
            GetBuffer().AsSpan((int)base.Position, read).CopyTo(buffer.Span);
            base.Position += read;
            return new(read);
        }
    }

    private sealed class EndlessStream(byte[] start, byte rest) : MemoryStream(start)
    {
        public long Given { get; private set; }

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = Read(buffer.Span);
            if (read == 0)
            {
                buffer.Span.Fill(rest);
                read = buffer.Length;
            }

            Given += read;
            return new(read);
        }
    }
}
