using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

public class ElfTests
{
    private static readonly byte[] Program = RawDfuSe.SampleImage;

    [Fact]
    public void Segments_go_to_their_physical_address_and_what_has_no_bytes_is_left_out()
    {
        var file = FirmwareFile.Parse(new RawElf { Entry = 0x0800_0009 }
            .Segment(0x0800_0000, Program)
            .Segment(0x0800_0018, [1, 2, 3, 4], virtualAddress: 0x2000_0000, memory: 400)
            .Segment(0x2000_0100, [], memory: 5000)
            .Segment(0x0900_0000, [9, 9], type: 0x7000_0001).Bytes());
        Assert.Equal(FirmwareFormat.Elf, file.Format);
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, [.. Program, 1, 2, 3, 4]), file.Image);
        Assert.Equal(0x0800_0009u, file.EntryPoint);
        Assert.False(file.NeedsAddress);
        Assert.Empty(file.Warnings);
        Assert.Equal(new ElfInfo(), file.Elf);
        Assert.Throws<InvalidOperationException>(() => file.At(0));
    }

    [Fact]
    public void An_entry_point_of_zero_is_none() =>
        Assert.Null(FirmwareFile.Parse(new RawElf().Segment(0x0800_0000, Program).Bytes()).EntryPoint);

    [Theory]
    [InlineData(0x2000_0000u, true)]
    [InlineData(0x2000_0001u, true)]
    [InlineData(0x1000_0000u, true)]
    [InlineData(0x3FFF_FF00u, true)]
    [InlineData(0x0800_0100u, false)]
    [InlineData(0x1FFF_FFFFu, false)]
    [InlineData(0x9000_0000u, false)]
    public void What_would_land_in_RAM_is_told(uint address, bool isRam)
    {
        var file = FirmwareFile.Parse(new RawElf().Segment(0x0800_0000, Program).Segment(address, [1, 2, 3]).Bytes());
        Assert.Equal(27, file.Image.ByteCount);
        Assert.Equal(
            isRam ? [$"segment 1: 3 bytes are to be loaded at 0x{address:X8}, which is RAM; a linker script without AT> makes files like this"] : [],
            file.Warnings);
    }

    [Fact]
    public void Without_segments_the_sections_that_take_part_are_taken()
    {
        var file = FirmwareFile.Parse(new RawElf().Section(".text", 0x0800_0000, Program)
            .Section(".init_array", 0x0800_0018, [1, 2], type: 14, flags: 3)
            .Section(".bss", 0x2000_0000, [], type: 8, size: 4000)
            .Section(".debug_info", 0, [7, 7, 7], flags: 0).Bytes());
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, [.. Program, 1, 2]), file.Image);
        Assert.True(file.Elf!.HasDebugInfo);
    }

    [Fact]
    public void The_files_own_headers_are_not_loaded_into_flash()
    {
        var bytes = new RawElf().Segment(0x0800_0000 - 52, [], offset: 0, size: 52 + 24)
            .Section(".text", 0x0800_0000, Program).Bytes();
        var file = FirmwareFile.Parse(bytes);
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, Program), file.Image);
        Assert.Equal("segment 0: its first 52 bytes, at 0x07FFFFCC, are the ELF file's own headers and are left out", Assert.Single(file.Warnings));
    }

    [Fact]
    public void What_the_file_says_of_itself_is_kept()
    {
        byte[] attributes = [(byte)'A', .. Length([.. "aeabi\0"u8, 1, .. Length([5, .. "7E-M\0"u8, 6, 13, 7, 77], 1)])];
        var info = FirmwareFile.Parse(new RawElf { Flags = 0x0500_0400 }.Segment(0x0800_0000, Program)
            .Section(".comment", 0, [.. "\0GCC: (Arm) 13\u001b[0m\0other\0"u8], flags: 0x30)
            .Section(".ARM.attributes", 0, attributes, type: 0x7000_0003, flags: 0)
            .Section(".note.gnu.build-id", 0, [.. RawElf.Note("stapsdt", 3, [1]), .. RawElf.Note("GNU", 1, [2]), .. RawElf.Note("GNU", 3, [0xAB, 0xCD, 1])], type: 7, flags: 0)
            .Section(".debug_info", 0, [], flags: 0).Bytes()).Elf;
        Assert.Equal(
            new ElfInfo { BuildId = "abcd01", Toolchain = "GCC: (Arm) 13?[0m", Architecture = "ARMv7E-M", IsHardFloat = true, HasDebugInfo = true }, info);
        Assert.Equal("0102", FirmwareFile.Parse(new RawElf().Segment(0x0800_0000, Program)
            .Segment(0, RawElf.Note("GNU", 3, [1, 2]), type: 4).Bytes()).Elf!.BuildId);

        static byte[] Length(byte[] content, int before = 0) => [.. BitConverter.GetBytes(content.Length + 4 + before), .. content];
    }

    public static TheoryData<string, byte[]> Strangers => new()
    {
        { "an ELF file for x86,", new RawElf { Machine = 3 }.Segment(0, Program).Bytes() },
        { "a 64-bit ELF file for x86-64,", new RawElf { Class = 2, Machine = 62 }.Segment(0, Program).Bytes() },
        { "a 64-bit ELF file for AArch64,", new RawElf { Class = 2, Machine = 183 }.Segment(0, Program).Bytes() },
        { "an ELF file for RISC-V,", new RawElf { Machine = 243 }.Segment(0, Program).Bytes() },
        { "an ELF file for Xtensa (ESP32, ESP8266),", new RawElf { Machine = 94 }.Segment(0, Program).Bytes() },
        { "an ELF file for the machine 999,", new RawElf { Machine = 999 }.Segment(0, Program).Bytes() },
        { "a big-endian ELF file for ARM,", new RawElf { Order = 2, Type = 0x0200, Machine = 0x2800 }.Segment(0, Program).Bytes() },
        { "a 64-bit ELF file for ARM,", new RawElf { Class = 2 }.Segment(0, Program).Bytes() },
        { "an ELF object file, not linked yet", new RawElf { Type = 1 }.Section(".text", 0, Program).Section(".symtab", 0, [], 2).Bytes() },
        { "an ELF object file, not linked yet", new RawElf { Type = 1 }.Section(".text", 0, Program).Section(".rel.text", 0, [], 9).Bytes() },
        { "an ELF shared object,", new RawElf { Type = 3 }.Segment(0, Program).Bytes() },
        { "a core dump in an ELF file,", new RawElf { Type = 4 }.Segment(0, Program).Bytes() },
        { "an ELF file of the type 7,", new RawElf { Type = 7 }.Segment(0, Program).Bytes() },
    };

    [Theory]
    [MemberData(nameof(Strangers))]
    public void What_is_no_program_for_these_chips_is_refused_by_its_name(string words, byte[] bytes)
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
        Assert.Equal(FirmwareFormatErrorKind.Content, refused.Kind);
        Assert.StartsWith("the file is " + words, refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Remedy);
        Assert.Equal(bytes.Length, FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Image }).Image.ByteCount);
    }

    [Fact]
    public void A_program_for_Linux_is_refused()
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(
            new RawElf().Segment(0, [.. "/lib/ld-linux-armhf.so.3\0"u8], type: 3).Segment(0x1_0000, Program).Bytes()));
        Assert.Equal(FirmwareFormatErrorKind.Content, refused.Kind);
        Assert.Contains("a program for an operating system", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_objcopy_calls_relocatable_opens() =>
        Assert.Equal(
            FirmwareImage.FromBytes(0x0800_0000, Program),
            FirmwareFile.Parse(new RawElf { Type = 1 }.Section(".sec1", 0x0800_0000, Program, flags: 3).Bytes()).Image);

    [Fact]
    public void What_breaks_the_format_is_refused()
    {
        AssertRefused("ends at offset 0x8, inside the header", new RawElf().Bytes()[..8]);
        AssertRefused("ends at offset 0x33, inside the header", new RawElf().Bytes()[..51]);
        AssertRefused("class and byte order, 9 and 1", new RawElf { Class = 9 }.Segment(0, Program).Bytes());
        AssertRefused("holds no bytes", new RawElf().Bytes());
        AssertRefused("holds no bytes", new RawElf().Segment(0x2000_0000, [], memory: 100).Bytes());
        AssertRefused("the 1 program headers, announced from offset 0xFFFFFFF0 on", new RawElf { SegmentTable = 0xFFFF_FFF0 }.Segment(0, Program).Bytes());
        AssertRefused("the 65535 program headers", new RawElf { SegmentCount = 0xFFFF }.Segment(0, Program).Bytes());
        AssertRefused("segment 0 takes 4294967295 bytes", new RawElf().Segment(0, Program, size: 0xFFFF_FFFF).Bytes());
        AssertRefused("segment 0 takes 24 bytes from offset 0xFFFFFFFF on", new RawElf().Segment(0, Program, offset: 0xFFFF_FFFF).Bytes());
        AssertRefused("24 bytes from 0xFFFFFFF0, would end past", new RawElf().Segment(0xFFFF_FFF0, Program).Bytes());
        AssertRefused("section 1 takes 4294967295 bytes", new RawElf().Section(".text", 0, Program, size: 0xFFFF_FFFF).Bytes());
        AssertRefused("more than the whole file has", Enumerable.Range(0, 40).Aggregate(
            new RawElf().Segment(0, new byte[4000]), (elf, i) => elf.Segment((uint)i << 16, [], offset: 52, size: 4000)).Bytes());

        static void AssertRefused(string words, byte[] bytes)
        {
            var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
            Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
            Assert.NotNull(refused.Remedy);
        }
    }

    [Fact]
    public void Segments_up_to_the_last_address_open() =>
        Assert.Equal(0xFFFF_FFFFu, FirmwareFile.Parse(new RawElf().Segment(0xFFFF_FFE8, Program).Bytes()).Image.Extent!.Value.Last);

    [Fact]
    public void Segments_that_disagree_are_refused_with_both_named()
    {
        var conflict = Assert.Throws<ImageConflictException>(() => FirmwareFile.Parse(
            new RawElf().Segment(0x0800_0000, [1, 2, 3]).Segment(0x0800_0002, [3, 4]).Segment(0x0800_0001, [2, 9]).Bytes()));
        Assert.Equal(
            "0x08000000-0x08000002 (segment 0, offset 0x34) and 0x08000001-0x08000002 (segment 2, offset 0x39) disagree at 0x08000002: 0x03 and 0x09",
            conflict.Message);
        Assert.Equal(4, FirmwareFile.Parse(new RawElf().Segment(0x0800_0000, [1, 2, 3]).Segment(0x0800_0002, [3, 4]).Bytes()).Image.ByteCount);
    }

    [Fact]
    public void A_file_that_is_no_ELF_is_refused_when_ELF_is_asked_for()
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(
            new byte[] { 0, 0, 2, 32 }, new FirmwareReadOptions { Format = FirmwareFormat.Elf }));
        Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
        Assert.Throws<ArgumentOutOfRangeException>(() => FirmwareFile.Write(FirmwareFormat.Elf, FirmwareImage.FromBytes(0, [1])));
    }
}
