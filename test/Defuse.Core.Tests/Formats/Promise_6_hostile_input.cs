using System.Diagnostics;
using System.Globalization;
using System.Text;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Formats;

/// <summary>No parser input, however hostile, makes it crash, hang, or allocate more than the file deserves.</summary>
public partial class Promise_6_hostile_input
{
    // How many mutated files a format; the environment variable asks for more where there is time.
    private static readonly int Rounds =
        int.TryParse(Environment.GetEnvironmentVariable("DEFUSE_FUZZ_COUNT"), CultureInfo.InvariantCulture, out var count) ? count : 100_000;

    // What an exception with its texts and its stack, a few warnings and the objects of a small image take, however small the file.
    private const long Overhead = 64_000;

    private static readonly FirmwareFormat[] AskedFor = Enum.GetValues<FirmwareFormat>();

    private static readonly uint[] Edges = [0, 1, 8, 0x7F, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF];

    [Fact]
    public void Mutated_DfuSe_files_give_a_result_or_a_typed_error()
    {
        var random = new Random(60);
        byte[][] seeds =
        [
            DfuSeFormat.Write(RandomImages.BothEnds()),
            DfuSeFormat.Write(RandomImages.Sparse(random, 100), new DfuSeWriteOptions { TargetName = "ST..." }),
            new RawDfuSe().Target(0, "flash", [RawDfuSe.Element(0x0800_0000, RawDfuSe.SampleImage), RawDfuSe.Element(0x0800_0018, [1, 2, 3])])
                .Target(1, "opt", [RawDfuSe.Element(0x1FFF_C000, new byte[16])]).Bytes(),
        ];
        var opened = Mutate(random, seeds, bytes => random.Next(2) == 0 ? RawDfuSe.FixCrc(bytes) : bytes);
        Assert.InRange(opened, Rounds / 10, Rounds / 10 * 9);
    }

    [Fact]
    public void Mutated_Intel_HEX_files_give_a_result_or_a_typed_error()
    {
        var random = new Random(61);
        byte[][] seeds =
        [
            IntelHexFormat.Write(RandomImages.BothEnds(), 0x0800_0009),
            IntelHexFormat.Write(RandomImages.Sparse(random, 100), null, 255),
            Encoding.ASCII.GetBytes(RawHex.Record(2, 0, 0x10, 0) + RawHex.Record(0, 0xFFFE, 1, 2, 3, 4) + RawHex.Record(3, 0, 0, 0, 1, 0)
                + RawHex.Record(4, 0, 0xFF, 0xFF) + RawHex.Record(0, 0xFFF0, new byte[16]) + RawHex.Record(5, 0, 8, 0, 0, 9) + RawHex.End),
        ];
        var opened = Mutate(random, seeds, bytes => random.Next(4) > 0 ? FixChecksums(bytes) : bytes);
        Assert.InRange(opened, Rounds / 10, Rounds / 10 * 9);
    }

    [Fact]
    public void Mutated_S_record_files_give_a_result_or_a_typed_error()
    {
        var random = new Random(70);
        byte[][] seeds =
        [
            SRecordFormat.Write(RandomImages.BothEnds(), "header", 0x0800_0009),
            SRecordFormat.Write(RandomImages.Sparse(random, 100), null, null, 250),
            Encoding.ASCII.GetBytes(RawSRecord.Record(0, 0, "text"u8.ToArray()) + RawSRecord.Record(1, 0xFFFE, 1, 2, 3, 4)
                + RawSRecord.Record(2, 0xFF_FFFE, 1, 2, 3, 4) + RawSRecord.Record(5, 2) + RawSRecord.Record(3, 0xFFFF_FFF0, new byte[16])
                + RawSRecord.Record(6, 3) + RawSRecord.Record(8, 0x1_0000)),
        ];
        var opened = Mutate(random, seeds, bytes => random.Next(4) > 0 ? FixChecksums(bytes) : bytes);
        Assert.InRange(opened, Rounds / 10, Rounds / 10 * 9);
    }

    [Fact]
    public void Mutated_TI_TXT_files_give_a_result_or_a_typed_error()
    {
        var random = new Random(71);
        byte[][] seeds =
        [
            Encoding.ASCII.GetBytes(TiTextTests.Text(RandomImages.BothEnds(), random)),
            Encoding.ASCII.GetBytes(TiTextTests.Text(RandomImages.Sparse(random, 100), random)),
            "@8000000\r\n00 01 02\r\n@FFFFFFF0\r\n00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F\r\nq\r\n"u8.ToArray(),
        ];
        var opened = Mutate(random, seeds, bytes => bytes);
        Assert.InRange(opened, Rounds / 10, Rounds / 10 * 9);
    }

    [Fact]
    public void Mutated_other_files_give_a_result_or_a_typed_error()
    {
        var random = new Random(62);
        var seeds = ContentTests.Foreign.Select(x => x.Data.Item2).Append(RandomImages.Bytes(random, 300))
            .Append("MicroPython v1.14 on 2021-02-02; PYBv1.1 with STM32F405RG\r\n"u8.ToArray()).ToArray();
        var opened = Mutate(random, seeds, bytes => bytes);
        Assert.InRange(opened, Rounds / 10, Rounds / 10 * 9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_real_files_give_a_result_or_a_typed_error(int seed)
    {
        var random = new Random(63 + seed);
        var original = TestFolders.Firmware(seed % 2 == 0 ? "micropython-v1.14-PYBV11.dfu" : "micropython-v1.11-NUCLEO_L476RG.hex");
        if (seed == 3)
        {
            original = SRecordFormat.Write(FirmwareFile.Parse(original).Image);
        }

        for (var round = 0; round < 20; round++)
        {
            Judge(Mutate(random, original), new FirmwareReadOptions { Allow = FileAllowances.Crc | FileAllowances.Image });
        }
    }

    [Fact]
    public void A_file_of_nothing_but_tiny_elements_takes_a_small_multiple_of_itself()
    {
        const int Count = 200_000;
        foreach (var order in new Func<int, uint>[] { i => (uint)(2 * i), i => (uint)(2 * (Count - i)), i => (uint)i, _ => 7, i => (uint)((i * 7919L) % Count * 2) })
        {
            var elements = Enumerable.Range(0, Count).Select(i => RawDfuSe.Element(order(i), [1])).ToArray();
            Judge(new RawDfuSe().Target(0, "", elements).Bytes(), expectResult: true);
        }

        Judge(new RawDfuSe().Target(0, "", [.. Enumerable.Repeat(RawDfuSe.Element(0, []), Count), RawDfuSe.Element(0, [1])]).Bytes(), expectResult: true);
    }

    [Fact]
    public void A_file_of_nothing_but_tiny_records_takes_a_small_multiple_of_itself()
    {
        const int Count = 30_000;
        foreach (var order in new Func<int, int>[] { i => 2 * i, i => 2 * (Count - i), i => i, _ => 7, i => (int)((i * 7919L) % Count * 2) })
        {
            var text = string.Concat(Enumerable.Range(0, Count).Select(i => RawHex.Record(0, order(i) & 0xFFFF, 1)));
            Judge(Encoding.ASCII.GetBytes(text + RawHex.End), expectResult: true);
        }

        var twice = string.Concat(Enumerable.Range(0, Count).Select(i => RawHex.Record(5, 0, 0, 0, (byte)(i >> 8), (byte)(i & 0xFF))));
        Judge(Encoding.ASCII.GetBytes(RawHex.Record(0, 0, 1) + twice + RawHex.End), expectResult: true);
        Judge(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(RawHex.Record(0, 0), Count))));
        Judge(Encoding.ASCII.GetBytes(RawHex.Record(0, 0, 1) + new string('\n', 1 << 20)));
        Judge(Encoding.ASCII.GetBytes(RawHex.Record(0, 0, 1) + ":" + new string('0', 1 << 20)));
    }

    [Fact]
    public void Counts_and_sizes_that_lie_cost_nothing()
    {
        foreach (var edge in Edges)
        {
            Judge(new RawDfuSe().Target(0, "", [RawDfuSe.Element(edge, [1, 2], edge)], size: edge, count: edge).Bytes());
            Judge(new RawDfuSe { TargetCount = (byte)(edge & 0xFF) }.Target(0, "", [RawDfuSe.Element(edge, [1, 2])], count: edge).Bytes());
        }
    }

    [Fact]
    public void Distant_addresses_cost_no_memory_between_them()
    {
        var image = RandomImages.BothEnds();
        Judge(DfuSeFormat.Write(image), expectResult: true);
        Judge(IntelHexFormat.Write(image), expectResult: true);
        Judge(SRecordFormat.Write(image), expectResult: true);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<FirmwareFormatException>(() => BinaryFormat.Write(image));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Overhead);
    }

    [Fact]
    public void Images_full_of_what_identities_are_found_by_are_searched_in_time()
    {
        foreach (var text in new[] { " on ", " on 2000-01-01", "MicroPython", "MicroPython v1.1 on ", "v1 on 2000-01-01; ", " with STM32", "a with STM3", "v" })
        {
            var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, (4 << 20) / text.Length)));
            Judge(bytes, new FirmwareReadOptions { Allow = FileAllowances.Image }, expectResult: true);
        }
    }

    private static int Mutate(Random random, byte[][] seeds, Func<byte[], byte[]> repair)
    {
        var opened = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = repair(Mutate(random, seeds[random.Next(seeds.Length)]));
            var options = new FirmwareReadOptions
            {
                Allow = (FileAllowances)random.Next(16),
                Format = random.Next(4) == 0 ? AskedFor[random.Next(AskedFor.Length)] : null,
            };
            opened += Judge(bytes, options) ? 1 : 0;
        }

        return opened;
    }

    // One to four changes of the kinds that transfers, editors and attackers make.
    private static byte[] Mutate(Random random, byte[] seed)
    {
        var bytes = seed.ToList();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0 when length > 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when length > 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                    break;
                case 4 when random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5 when length >= 4:
                    var edge = BitConverter.GetBytes(Edges[random.Next(Edges.Length)]);
                    for (var j = 0; j < 4; j++)
                    {
                        bytes[at + j] = edge[j];
                    }

                    break;
                default:
                    // A digit for a digit, so that texts stay texts.
                    var digits = Enumerable.Range(0, 20).Select(_ => random.Next(bytes.Count)).Where(x => x < bytes.Count);
                    foreach (var digit in digits.Where(x => char.IsAsciiHexDigit((char)bytes[x])).Take(1))
                    {
                        bytes[digit] = (byte)"0123456789ABCDEFabcdef"[random.Next(22)];
                    }

                    break;
            }
        }

        return [.. bytes];
    }

    // Gives every whole record the checksum of its bytes, so that what lies behind the checksum is reached.
    private static byte[] FixChecksums(byte[] bytes)
    {
        var lines = Encoding.Latin1.GetString(bytes).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            if (line.Length >= 11 && line.Length % 2 == 1 && line[0] == ':' && line[1..].All(char.IsAsciiHexDigit))
            {
                var body = Convert.FromHexString(line[1..^2]);
                lines[i] = line[..^2] + (-body.Sum(x => x) & 0xFF).ToString("X2");
            }
            else if (line.Length >= 10 && line.Length % 2 == 0 && line[0] == 'S' && line[1..].All(char.IsAsciiHexDigit))
            {
                var body = Convert.FromHexString(line[2..^2]);
                lines[i] = line[..^2] + (~body.Sum(x => x) & 0xFF).ToString("X2");
            }
        }

        return Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }

    [Fact]
    public void A_file_of_nothing_but_tiny_S_records_or_bytes_takes_a_small_multiple_of_itself()
    {
        const int Count = 30_000;
        foreach (var order in new Func<int, int>[] { i => 2 * i, i => 2 * (Count - i), i => i, _ => 7, i => (int)((i * 7919L) % Count * 2) })
        {
            var records = string.Concat(Enumerable.Range(0, Count).Select(i => RawSRecord.Record(1, order(i) & 0xFFFF, 1)));
            Judge(Encoding.ASCII.GetBytes(records + RawSRecord.End), expectResult: true);
            var bytes = string.Concat(Enumerable.Range(0, Count).Select(i => $"@{order(i):X}\n01\n"));
            Judge(Encoding.ASCII.GetBytes(bytes + "q"), expectResult: true);
        }

        var anything = new FirmwareReadOptions { Allow = FileAllowances.Crc | FileAllowances.Eof | FileAllowances.Trailing };
        foreach (var line in new[] { RawSRecord.Record(0, 0, 1), RawSRecord.Record(1, 0), RawSRecord.Record(5, 7), RawSRecord.Record(9, 1) + RawSRecord.Record(9, 2), "S9030001FF\n", "\0", " \n", "\r" })
        {
            Judge(Encoding.ASCII.GetBytes(RawSRecord.Record(1, 0, 1) + string.Concat(Enumerable.Repeat(line, Count))), anything);
        }

        foreach (var start in new[] { "S1", RawSRecord.Record(1, 0, 1) + "S1", "@0\n", "@", "@0\n00\nq" })
        {
            Judge(Encoding.ASCII.GetBytes(start + new string('0', 1 << 20)), anything);
            Judge(Encoding.ASCII.GetBytes(start + new string(' ', 1 << 20)), anything);
        }

        Judge(Encoding.ASCII.GetBytes("@0\n" + string.Concat(Enumerable.Repeat("00 ", 1 << 18)) + "\nq"), expectResult: true);
        Judge(Encoding.ASCII.GetBytes("@0\n" + string.Concat(Enumerable.Repeat("00\t", 1 << 18)) + "\nq"), expectResult: true);
    }

    private static bool Judge(byte[] bytes, FirmwareReadOptions? options = null, bool expectResult = false)
    {
        var (file, elapsed, allocated) = Open(bytes, options, expectResult);
        for (var again = 0; again < 3 && elapsed >= TimeSpan.FromSeconds(1); again++)
        {
            // The processor may have been busy elsewhere; what takes long by itself takes long every time.
            elapsed = Open(bytes, options, expectResult).Elapsed;
        }

        if (allocated > Overhead + (16L * bytes.Length))
        {
            // What is loaded at its first use is not this file's doing.
            allocated = Open(bytes, options, expectResult).Allocated;
        }

        Assert.True(elapsed < TimeSpan.FromSeconds(1), $"{bytes.Length} bytes took {elapsed}");
        Assert.True(allocated <= Overhead + (16L * bytes.Length), $"{bytes.Length} bytes made it allocate {allocated}");
        if (file is not null)
        {
            Assert.InRange(file.Image.ByteCount, 0, bytes.Length);
            Assert.InRange(file.Warnings.Length, 0, 30);
            Assert.All(file.Warnings, x => Assert.DoesNotContain(x, char.IsControl));
        }

        return file is not null;
    }

    private static (FirmwareFile? File, TimeSpan Elapsed, long Allocated) Open(byte[] bytes, FirmwareReadOptions? options, bool expectResult)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        FirmwareFile? file = null;
        DefuseException? refused = null;
        try
        {
            file = FirmwareFile.Parse(bytes, options);
            foreach (var segment in file.Image.Segments.Take(4))
            {
                VectorTable.TryRead(file.Image, segment.Range.Start)?.Check(file.Image);
            }

            FirmwareIdentity.FindAll(file.Image);
        }
        catch (DefuseException exception) when (!expectResult)
        {
            refused = exception;
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (refused is not null)
        {
            Assert.NotNull(refused.Remedy);
            Assert.InRange(refused.Message.Length, 10, 400);
            Assert.DoesNotContain(refused.Message, char.IsControl);
        }

        return (file, elapsed, allocated);
    }
}
