using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

public class Uf2Tests
{
    private const uint Unlisted = 0x1234_5678;

    private static readonly byte[] Page = [.. Enumerable.Range(0, 256).Select(x => (byte)x)];

    private static readonly byte[] Other = [.. Enumerable.Range(0, 256).Select(x => (byte)(255 - x))];

    [Fact]
    public void Whole_pages_read_back_equal()
    {
        var random = new Random(90);
        for (var i = 0; i < 200; i++)
        {
            var builder = new FirmwareImageBuilder();
            for (var j = random.Next(1, 8); j > 0; j--)
            {
                var start = random.Next(8) == 0 ? 0xFFFF_F000u : 0x0800_0000 + ((uint)random.Next(200) * 256);
                builder.Add(start, [.. Enumerable.Repeat((byte)(start % 251), 256 * random.Next(1, 9))]);
            }

            var image = TryBuild(builder);
            if (image is null)
            {
                continue;
            }

            var family = random.Next(4) == 0 ? (uint?)null : RawUf2.Stm32F4;
            var bytes = Uf2Format.Write(image, family);
            var file = FirmwareFile.Parse(bytes);
            Assert.Equal(FirmwareFormat.Uf2, file.Format);
            Assert.Equal(image, file.Image);
            Assert.Equal(family, file.Uf2!.Family);
            Assert.Equal([new Uf2Part(family, bytes.Length / 512, image.ByteCount)], file.Uf2.Parts);
            Assert.Equal(family is null ? ["the file does not say which family of chips it is for"] : [], file.Warnings);
        }

        static FirmwareImage? TryBuild(FirmwareImageBuilder builder)
        {
            try
            {
                return builder.Build();
            }
            catch (ImageConflictException)
            {
                return null;
            }
        }
    }

    [Fact]
    public void Any_image_reads_back_with_filler_around_it_and_nothing_else()
    {
        var random = new Random(91);
        for (var i = 0; i < 200; i++)
        {
            var image = i == 0 ? RandomImages.BothEnds() : RandomImages.Sparse(random);
            var fill = (byte)random.Next(256);
            var bytes = Uf2Format.Write(image, RawUf2.Stm32F7, fill);
            var read = FirmwareFile.Parse(bytes).Image;
            var pages = image.Segments.SelectMany(x => Enumerable.Range(
                (int)(x.Range.Start / 256), (int)((x.Range.Last / 256) - (x.Range.Start / 256) + 1))).Distinct().ToArray();
            Assert.Equal(512 * pages.Length, bytes.Length);
            var expected = new FirmwareImageBuilder();
            foreach (var page in pages)
            {
                var content = Enumerable.Repeat(fill, 256).ToArray();
                foreach (var segment in image.Slice(new AddressRange((uint)page * 256, 256)).Segments)
                {
                    segment.Data.Span.CopyTo(content.AsSpan((int)(segment.Range.Start % 256)));
                }

                expected.Add((uint)page * 256, content);
            }

            Assert.Equal(expected.Build(), read);
        }
    }

    [Fact]
    public void The_sample_is_written_byte_for_byte()
    {
        byte[] page = [.. RawDfuSe.SampleImage, .. new byte[232]];
        var expected = RawUf2.File(0x0800_0000, page);
        Assert.Equal(expected, Uf2Format.Write(FirmwareImage.FromBytes(0x0800_0000, RawDfuSe.SampleImage), RawUf2.Stm32F7, 0));
        Assert.Throws<ArgumentException>(() => Uf2Format.Write(FirmwareImage.Empty, null));
    }

    [Fact]
    public void Blocks_may_come_in_any_order_and_twice()
    {
        var random = new Random(92);
        var image = FirmwareImage.FromBytes(0x0800_0000, RandomImages.Bytes(random, 256 * 20));
        var blocks = Uf2Format.Write(image, RawUf2.Stm32F7).Chunk(512).ToArray();
        for (var i = 0; i < 50; i++)
        {
            var shuffled = blocks.Concat(blocks.Where(_ => random.Next(4) == 0)).OrderBy(_ => random.Next()).SelectMany(x => x).ToArray();
            var file = FirmwareFile.Parse(shuffled);
            Assert.Equal(image, file.Image);
            Assert.Empty(file.Warnings);
        }
    }

    [Fact]
    public void Missing_blocks_are_refused_and_done_without_when_that_is_allowed()
    {
        var blocks = RawUf2.File(0x0800_0000, new byte[2560]).Chunk(512).ToArray();
        for (var missing = 0; missing < 10; missing++)
        {
            byte[] bytes = [.. blocks.Where((_, i) => i != missing && i != 7).SelectMany(x => x)];
            var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
            Assert.Equal(FirmwareFormatErrorKind.Eof, refused.Kind);
            Assert.Equal(
                $"of the file's 10 blocks, {(missing == 7 ? 1 : 2)} missing; the first of them is number {Math.Min(missing, 7)}", refused.Message);
            var file = FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Eof });
            Assert.Equal(missing == 7 ? 2304 : 2048, file.Image.ByteCount);
            Assert.Equal([refused.Message], file.Warnings);
        }
    }

    public static TheoryData<string, FileAllowances, byte[]> Overridable => new()
    {
        { "the block at offset 0x200 is cut off: the file ends after 100 of its 512 bytes", FileAllowances.Eof,
            [.. RawUf2.Block(0x0800_0000, Page, 0, 1), .. RawUf2.Block(0x0800_0100, Page, 1, 2)[..100]] },
        { "the block at offset 0x200 is one of 3, another is one of 2; two files may have been joined", FileAllowances.Eof,
            [.. RawUf2.Block(0x0800_0000, Page, 0, 2), .. RawUf2.Block(0x0800_0100, Page, 1, 3)] },
        { "the block at offset 0x0 has the number 1, but there are to be 1 of them, counted from 0", FileAllowances.Eof,
            RawUf2.Block(0x0800_0000, Page, 1, 1) },
        { "two blocks have the number 0, one for 0x08000000 and one for 0x08000100, at offset 0x200", FileAllowances.Eof,
            [.. RawUf2.Block(0x0800_0000, Page, 0, 1), .. RawUf2.Block(0x0800_0100, Page, 0, 1)] },
        { "offset 0x200: 7 bytes outside any UF2 block", FileAllowances.Trailing, [.. RawUf2.Block(0x0800_0000, Page, 0, 1), 1, 2, 3, 4, 5, 6, 7] },
        { "offset 0x200: 512 bytes outside any UF2 block", FileAllowances.Trailing,
            [.. RawUf2.Block(0x0800_0000, Page, 0, 2), .. new byte[512], .. RawUf2.Block(0x0800_0100, Page, 1, 2)] },
    };

    [Theory]
    [MemberData(nameof(Overridable))]
    public void What_is_wrong_is_let_pass_by_its_name_alone(string words, FileAllowances allowance, byte[] bytes)
    {
        foreach (var other in new[] { FileAllowances.None, (FileAllowances)15 & ~allowance })
        {
            var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = other }));
            Assert.Equal(words, refused.Message);
            Assert.Equal(allowance == FileAllowances.Eof ? FirmwareFormatErrorKind.Eof : FirmwareFormatErrorKind.Trailing, refused.Kind);
            Assert.NotNull(refused.Remedy);
        }

        Assert.Contains(words, FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = allowance }).Warnings);
    }

    [Fact]
    public void What_breaks_the_format_is_refused()
    {
        AssertRefused("offset 0x200 ends with 0x00000000", 0x3FC, [.. RawUf2.Block(0, Page, 0, 2), .. RawUf2.Block(256, Page, 1, 2, end: 0)]);
        AssertRefused("brings 477 bytes, but there is room for 476", 16, RawUf2.Block(0, Page, 0, 1, size: 477));
        AssertRefused("brings 4294967295 bytes", 16, RawUf2.Block(0, Page, 0, 1, size: 0xFFFF_FFFF));
        AssertRefused("would end past 0xFFFFFFFF", 12, RawUf2.Block(0xFFFF_FF01, Page, 0, 1));
        AssertRefused("holds no bytes", null, RawUf2.Block(0x0800_0000, [], 0, 1));
        AssertRefused("holds no bytes", null, RawUf2.Block(0x0800_0000, Page, 0, 1, flags: 1));

        static void AssertRefused(string words, long? offset, byte[] bytes)
        {
            var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
            Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
            Assert.Equal(offset, refused.Offset);
            Assert.NotNull(refused.Remedy);
        }
    }

    [Fact]
    public void Blocks_that_disagree_are_refused_with_both_named()
    {
        var changed = Page.ToArray();
        changed[5] = 99;
        var conflict = Assert.Throws<ImageConflictException>(() => FirmwareFile.Parse(
            (byte[])[.. RawUf2.Block(0x0800_0000, Page, 0, 1), .. RawUf2.Block(0x0800_0000, changed, 0, 1)]));
        Assert.Equal(
            "0x08000000-0x080000FF (block 0, offset 0x20) and 0x08000000-0x080000FF (block 0, offset 0x220) disagree at 0x08000005: 0x05 and 0x63",
            conflict.Message);
    }

    [Fact]
    public void Of_several_families_that_of_the_only_STM32_is_taken()
    {
        byte[] bytes = [.. RawUf2.File(0x1000_0000, Other, RawUf2.Rp2040), .. RawUf2.File(0x0800_0000, Page), .. RawUf2.File(0x0800_0000, Other, Unlisted)];
        var file = FirmwareFile.Parse(bytes);
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, Page), file.Image);
        Assert.Equal(RawUf2.Stm32F7, file.Uf2!.Family);
        Assert.Equal([new(RawUf2.Rp2040, 1, 256), new(RawUf2.Stm32F7, 1, 256), new Uf2Part(Unlisted, 1, 256)], file.Uf2.Parts);
        Assert.Equal(["1 block for RP2040 left out", "1 block for the unknown family 0x12345678 left out"], file.Warnings);
        var picked = FirmwareFile.Parse(bytes, new FirmwareReadOptions { Uf2Family = RawUf2.Rp2040 });
        Assert.Equal(FirmwareImage.FromBytes(0x1000_0000, Other), picked.Image);
    }

    [Fact]
    public void Several_STM32_families_have_to_be_told_apart()
    {
        byte[] bytes = [.. RawUf2.File(0x0800_0000, Page), .. RawUf2.File(0x0800_0000, Other, RawUf2.Stm32F4)];
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
        Assert.Equal(FirmwareFormatErrorKind.Content, refused.Kind);
        Assert.Equal("the file is a UF2 file for several families of chips: STM32F7 (256 bytes), STM32F4 (256 bytes)", refused.Message);
        Assert.Equal(
            FirmwareImage.FromBytes(0x0800_0000, Other), FirmwareFile.Parse(bytes, new FirmwareReadOptions { Uf2Family = RawUf2.Stm32F4 }).Image);
        var missing = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes, new FirmwareReadOptions { Uf2Family = 0x6DB6_6082 }));
        Assert.Equal(
            "the file is a UF2 file with nothing for STM32H7; it holds STM32F7 (256 bytes), STM32F4 (256 bytes)", missing.Message);
    }

    [Theory]
    [InlineData(0xE48B_FF56u, 0x1000_0000u, "a UF2 file for RP2040, a microcontroller of Raspberry Pi, not an STM32")]
    [InlineData(0x68ED_2B88u, 0x2000u, "a UF2 file for SAMD21, a microcontroller of Microchip, not an STM32")]
    [InlineData(0xADA5_2840u, 0x2_6000u, "a UF2 file for NRF52840, a microcontroller of Nordic Semiconductor, not an STM32")]
    [InlineData(Unlisted, 0x2000u, "a UF2 file for the unknown family 0x12345678, with bytes where no STM32 has flash")]
    public void A_file_for_other_chips_is_refused_by_their_name(uint family, uint address, string words)
    {
        var bytes = RawUf2.File(address, Page, family);
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
        Assert.Equal(FirmwareFormatErrorKind.Content, refused.Kind);
        Assert.Equal("the file is " + words, refused.Message);
        foreach (var options in new FirmwareReadOptions[] { new() { Allow = FileAllowances.Image }, new() { Uf2Family = family } })
        {
            var file = FirmwareFile.Parse(bytes, options);
            Assert.Equal(FirmwareFormat.Uf2, file.Format);
            Assert.Equal(FirmwareImage.FromBytes(address, Page), file.Image);
        }

        Assert.Contains("the file is " + words, FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Image }).Warnings);
    }

    [Fact]
    public void A_family_that_no_list_has_may_be_a_board_of_its_own()
    {
        var file = FirmwareFile.Parse(RawUf2.File(0x0800_4000, Page, Unlisted));
        Assert.Equal(Unlisted, file.Uf2!.Family);
        Assert.Equal(["the file is for the unknown family 0x12345678"], file.Warnings);
    }

    [Fact]
    public void Several_families_of_other_chips_are_listed()
    {
        byte[] bytes = [.. Enumerable.Range(0, 8).SelectMany(i => RawUf2.File(0x2000, Page, 0x9000_0000 + (uint)i))];
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
        Assert.Contains("(256 bytes) and 3 more", refused.Message, StringComparison.Ordinal);
        Assert.Contains("none of them is an STM32", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_say_what_the_file_is()
    {
        byte[] tags =
        [
            .. RawUf2.Tag(0x9F_C7BC, "1.2.3\u001b"), .. RawUf2.Tag(0x12_3456, "?"), .. RawUf2.Tag(0x65_0D9D, "Gerät"),
            .. RawUf2.Tag(0x0B_E9F7, [0, 4, 0, 0]), .. RawUf2.Tag(0xC8_A729, [1, 2, 3, 4, 5, 6, 7, 8]),
        ];
        var info = FirmwareFile.Parse((byte[])
        [
            .. RawUf2.Block(0x0800_0000, Page, 0, 2, flags: 0x8000, behind: tags),
            .. RawUf2.Block(0x0800_0100, Page, 1, 2, flags: 0x8000, behind: RawUf2.Tag(0x9F_C7BC, "9")),
        ]).Uf2!;
        Assert.Equal(("1.2.3?", "Gerät", 1024u, 0x0807_0605_0403_0201uL), (info.Version, info.Description, info.PageSize!.Value, info.DeviceType!.Value));
        Assert.Null(FirmwareFile.Parse(RawUf2.Block(0x0800_0000, Page, 0, 1, behind: tags)).Uf2!.Version);
        Assert.Equal("1.2.3?", FirmwareFile.Parse(
            RawUf2.Block(0x0800_0000, [1, 2, 3], 0, 1, flags: 0x8000, behind: [0, .. tags])).Uf2!.Version);
        Assert.Null(FirmwareFile.Parse(RawUf2.Block(0x0800_0000, Page, 0, 1, flags: 0x8000, behind: [3, 0xBC, 0xC7, 0x9F])).Uf2!.Version);
        Assert.Null(FirmwareFile.Parse(RawUf2.Block(0x0800_0000, new byte[470], 0, 1, flags: 0xC000)).Uf2!.Version);
    }

    [Fact]
    public void What_is_not_for_the_main_flash_is_left_out_and_counted()
    {
        var file = FirmwareFile.Parse((byte[])
        [
            .. RawUf2.Block(0x0800_0000, Page, 0, 3), .. RawUf2.Block(0x0800_0000, Other, 1, 3, flags: 1),
            .. RawUf2.Block(0, Other, 2, 3, flags: 0x1000, behind: [.. "code.py\0"u8]),
        ]);
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, Page), file.Image);
        Assert.Equal(
            ["1 block not for the main flash left out", "1 block of files for a file system (code.py) left out"], file.Warnings);
    }

    [Fact]
    public void A_file_that_only_holds_files_is_refused()
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse((byte[])
        [
            .. RawUf2.Block(0, Page, 0, 2, flags: 0x1000, behind: [.. "code.py\0"u8]),
            .. RawUf2.Block(0, Page, 1, 2, flags: 0x1000, behind: [.. "a\u001bb\0"u8]),
        ]));
        Assert.Equal(FirmwareFormatErrorKind.Content, refused.Kind);
        Assert.Contains("holds files for a file system (code.py, a?b), and nothing for flash", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_UF2_is_refused_when_UF2_is_asked_for() =>
        Assert.Equal(FirmwareFormatErrorKind.Malformed, Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(
            new byte[] { 0, 0, 2, 32 }, new FirmwareReadOptions { Format = FirmwareFormat.Uf2 })).Kind);

    [Fact]
    public void Families_are_found_by_number_and_by_name()
    {
        Assert.All(Uf2Families.All, x => Assert.Same(x, Uf2Families.Find(x.Id)));
        Assert.All(Uf2Families.All, x => Assert.Same(x, Uf2Families.Find(x.Name.ToLowerInvariant())));
        Assert.Equal(24, Uf2Families.All.Count(x => x.IsStm32Like));
        Assert.Equal("STM32F4", Uf2Families.Find(0x8FB0_60FE)!.Series);
        Assert.Null(Uf2Families.Find(Unlisted));
    }
}
