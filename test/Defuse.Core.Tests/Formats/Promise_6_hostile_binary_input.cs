using System.IO.Compression;
using Defuse.Core.Tests.Images;
using Defuse.Formats;

namespace Defuse.Core.Tests.Formats;

public partial class Promise_6_hostile_input
{
    [Fact]
    public void Mutated_ELF_files_give_a_result_or_a_typed_error()
    {
        var random = new Random(160);
        byte[][] seeds =
        [
            new RawElf { Entry = 0x0800_0009 }.Segment(0x0800_0000, RawDfuSe.SampleImage).Segment(0xFFFF_FFF0, new byte[16])
                .Segment(0, RawElf.Note("GNU", 3, new byte[20]), type: 4).Bytes(),
            new RawElf().Segment(0x07FF_FFCC, [], offset: 0, size: 84).Section(".text", 0x0800_0000, new byte[32])
                .Section(".comment", 0, [.. "GCC: 13\0"u8], flags: 0x30)
                .Section(".ARM.attributes", 0, [(byte)'A', 20, 0, 0, 0, .. "aeabi\0"u8, 1, 9, 0, 0, 0, 5, (byte)'7', 0, 6, 13], flags: 0).Bytes(),
            new RawElf { Type = 1 }.Section(".sec1", 0x0800_0000, RawDfuSe.SampleImage, flags: 3).Section(".sec2", 0x0802_0000, [1, 2], flags: 3).Bytes(),
        ];
        var opened = Mutate(random, seeds, bytes => bytes);
        Assert.InRange(opened, Rounds / 10, Rounds / 10 * 9);
    }

    [Fact]
    public void Mutated_UF2_files_give_a_result_or_a_typed_error()
    {
        var random = new Random(161);
        byte[][] seeds =
        [
            RawUf2.File(0x0800_0000, RandomImages.Bytes(random, 700)),
            [.. RawUf2.File(0xFFFF_FF00, new byte[256]), .. RawUf2.File(0x1000_0000, new byte[300], RawUf2.Rp2040), .. RawUf2.File(0x0800_0000, new byte[256], 0x1234_5678)],
            [
                .. RawUf2.Block(0x0800_0000, new byte[100], 0, 2, flags: 0xC000, behind: [.. RawUf2.Tag(0x9F_C7BC, "1.2"), .. RawUf2.Tag(0x65_0D9D, "Board")]),
                .. RawUf2.Block(0, new byte[30], 1, 2, flags: 0x1000, behind: [.. "code.py\0"u8]),
            ],
        ];
        var opened = Mutate(random, seeds, bytes => random.Next(2) == 0 ? FixBlocks(bytes) : bytes);
        Assert.InRange(opened, Rounds / 10, Rounds / 10 * 9);
    }

    [Fact]
    public void Mutated_plain_DFU_files_give_a_result_or_a_typed_error()
    {
        var random = new Random(162);
        var raw = new RawDfuSe { DfuVersion = 0x0100 };
        byte[][] seeds =
        [
            raw.WithSuffix(RawDfuSe.SampleImage),
            raw.WithSuffix([1, 0, 0xFF, 0xFF, 24, 0, 0, 0, .. RawDfuSe.SampleImage]),
            raw.WithSuffix([0x1A, 0x3F, 1, 0, .. Enumerable.Repeat((byte)0xFF, 12), .. RawDfuSe.SampleImage]),
        ];
        var opened = Mutate(random, seeds, bytes => random.Next(2) == 0 ? RawDfuSe.FixCrc(bytes) : bytes);
        Assert.InRange(opened, Rounds / 10, Rounds / 10 * 9);
    }

    [Fact]
    public void Mutated_archives_give_a_result_or_a_typed_error()
    {
        var random = new Random(163);
        var hex = IntelHexFormat.Write(RandomImages.Sparse(random, 60));
        byte[][] seeds =
        [
            ArchiveTests.Zip(("readme.txt", "Read me, please."u8.ToArray()), ("a/b.hex", hex)),
            ArchiveTests.Zip(CompressionLevel.NoCompression, ("app.bin", RawDfuSe.SampleImage), ("app.json", "{}"u8.ToArray())),
            ArchiveTests.Gzip(hex),
            [0x1F, 0x8B, 8, 0x1E, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, .. "a.hex\0"u8, .. "b\0"u8, 0xAB, 0xCD, .. ArchiveTests.Gzip(RawDfuSe.SampleImage)[10..]],
        ];
        var opened = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var options = new FirmwareReadOptions
            {
                Allow = (FileAllowances)random.Next(16),
                Format = random.Next(8) == 0 ? AskedFor[random.Next(AskedFor.Length)] : null,
            };
            opened += JudgeArchive(Mutate(random, seeds[random.Next(seeds.Length)]), options) ? 1 : 0;
        }

        Assert.InRange(opened, Rounds / 10, Rounds / 10 * 9);
    }

    [Fact]
    public void Archives_that_swell_take_what_comes_out_of_them_and_not_more()
    {
        var zeros = new byte[20 << 20];
        JudgeArchive(ArchiveTests.Gzip(zeros));
        JudgeArchive(ArchiveTests.Zip(("a.bin", zeros)));

        // One compressed megabyte that many lines of the directory share.
        var zip = ArchiveTests.Zip(("a.bin", new byte[1 << 20]));
        var directory = BitConverter.ToInt32(zip, zip.Length - 6);
        var entry = zip[directory..^22];
        byte[] many = [.. zip[..directory], .. Enumerable.Repeat(entry, 4096).SelectMany(x => x), .. zip[^22..]];
        BitConverter.GetBytes((ushort)4096).CopyTo(many, many.Length - 12);
        JudgeArchive(many);
    }

    [Fact]
    public void Counts_and_sizes_in_binary_files_that_lie_cost_nothing()
    {
        foreach (var edge in Edges)
        {
            Judge(new RawElf { SegmentTable = edge, Entry = edge }.Segment(edge, [1, 2]).Bytes());
            Judge(new RawElf { SegmentCount = (ushort)(edge & 0xFFFF) }.Segment(edge, [1, 2], size: edge, offset: edge, memory: edge).Bytes());
            Judge(new RawElf().Section(".text", edge, [1, 2], size: edge).Section(".comment", 0, [], size: edge, flags: 0).Bytes());
            Judge(new RawElf().Segment(0, [1, 2]).Segment(0, RawElf.Words(edge, edge, 3, 0x0055_4E47, edge), type: 4).Bytes());
            Judge(RawUf2.Block(edge, [1, 2], edge, edge, size: edge), new FirmwareReadOptions { Allow = FileAllowances.Eof });
            Judge(RawUf2.Block(0x0800_0000, [1, 2], 0, edge, edge));
        }
    }

    [Fact]
    public void Binary_files_of_nothing_but_tiny_parts_take_a_small_multiple_of_themselves()
    {
        const int Count = 60_000;
        var elf = new RawElf();
        var sections = new RawElf().Segment(0, [], offset: 0, size: 1);
        for (var i = 0; i < Count; i++)
        {
            elf.Segment((uint)(2 * i * 7919), [1]);
            sections.Section(".note.gnu.build-id", 0, [], 7);
        }

        Judge(elf.Bytes(), expectResult: true);
        Judge(sections.Bytes());
        Judge([.. Enumerable.Range(0, 4000).SelectMany(i => RawUf2.Block((uint)(i * 7919 % 4000), [1], (uint)i, 4000))], expectResult: true);
        Judge([.. Enumerable.Range(0, 4000).SelectMany(i => RawUf2.Block(0x0800_0000, [1], 0, 1, (uint)i))]);
        Judge([.. Enumerable.Range(0, 4000).SelectMany(i => RawUf2.Block(0, [1], 0, 1, flags: 0x1000, behind: BitConverter.GetBytes(0x2020_2020 + i)))]);
    }

    [Fact]
    public void Sections_that_share_their_content_are_not_read_each()
    {
        const int Count = 20_000;
        const int Shared = 1 << 20;
        var content = new byte[Shared];
        content[0] = (byte)'A';
        for (var i = 1; i + 8 <= Shared; i += 4)
        {
            content[i] = 4;
        }

        var elf = new RawElf().Segment(0x0800_0000, [1]).Section(".ARM.attributes", 0, content, flags: 0);
        for (var i = 1; i < Count; i++)
        {
            elf.Section(".ARM.attributes", 0, [], flags: 0);
        }

        var bytes = elf.Bytes();
        ShareSections(bytes, Count);
        Judge(bytes, expectResult: true);
    }

    // Gives every section the place and size of the largest one.
    private static void ShareSections(byte[] elf, int count)
    {
        var table = (int)BitConverter.ToUInt32(elf, 32);
        var names = BitConverter.ToUInt16(elf, 50);
        var headers = Enumerable.Range(0, BitConverter.ToUInt16(elf, 48)).Where(x => x != names).Select(x => table + (x * 40)).ToList();
        Assert.True(headers.Count >= count);
        var largest = headers.MaxBy(x => BitConverter.ToUInt32(elf, x + 20));
        foreach (var header in headers.Where(x => BitConverter.ToUInt32(elf, x + 4) != 0))
        {
            elf.AsSpan(largest + 16, 8).CopyTo(elf.AsSpan(header + 16));
        }
    }

    [Theory]
    [InlineData("formats/bincopy-gcc.elf")]
    [InlineData("formats/bincopy-iar.out")]
    [InlineData("formats/bincopy-keil.out")]
    [InlineData("micropython-v1.11-NUCLEO_F767ZI.zip")]
    public void Mutated_real_binary_files_give_a_result_or_a_typed_error(string name)
    {
        var random = new Random(164);
        var original = TestFolders.Firmware(name);
        for (var round = 0; round < 50; round++)
        {
            JudgeArchive(Mutate(random, original), new FirmwareReadOptions { Allow = (FileAllowances)random.Next(16) });
        }
    }

    // Gives every whole block its magic numbers and a payload that fits, so that what lies behind them is reached.
    private static byte[] FixBlocks(byte[] bytes)
    {
        for (var offset = 0; offset + 512 <= bytes.Length; offset += 512)
        {
            RawElf.Words(0x0A32_4655, 0x9E5D_5157).CopyTo(bytes, offset);
            RawElf.Words(0x0AB1_6F30).CopyTo(bytes, offset + 508);
            bytes[offset + 18] = bytes[offset + 19] = 0;
            bytes[offset + 17] &= 1;
        }

        return bytes;
    }

    // An archive may take a small multiple of what came out of it, which the limit on that bounds.
    private static bool JudgeArchive(byte[] bytes, FirmwareReadOptions? options = null)
    {
        var limit = Math.Min(128L << 20, (16L << 20) + (64L * bytes.Length));
        var (file, elapsed, allocated) = Open(bytes, options, expectResult: false);
        for (var again = 0; again < 3 && elapsed >= TimeSpan.FromSeconds(1); again++)
        {
            elapsed = Open(bytes, options, expectResult: false).Elapsed;
        }

        Assert.True(elapsed < TimeSpan.FromSeconds(1), $"{bytes.Length} bytes took {elapsed}");
        var size = file?.Container?.MemberSize ?? 0;
        Assert.True(allocated <= Overhead + (16L * bytes.Length) + (file is null ? 4 * limit : 16 * size), $"{bytes.Length} bytes made it allocate {allocated}");
        if (file is not null)
        {
            Assert.InRange(file.Image.ByteCount, 0, Math.Max(bytes.Length, size));
            Assert.InRange(file.Warnings.Length, 0, 45);
            Assert.All(file.Warnings, x => Assert.DoesNotContain(x, char.IsControl));
        }

        return file is not null;
    }
}
