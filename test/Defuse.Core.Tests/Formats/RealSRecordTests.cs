using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

/// <summary>S-record files that other tools wrote, and what another reader made of them.</summary>
public class RealSRecordTests
{
    [Fact]
    public void A_linked_program_holds_what_its_raw_binary_holds()
    {
        var file = Read("empty_main.s19", FileAllowances.None);
        Assert.Equal(FirmwareFormat.SRecord, file.Format);
        Assert.Equal(0x0040_0400u, file.EntryPoint);
        Assert.Equal("bincopy/empty_main.s19", file.Header);
        Assert.Empty(file.Warnings);
        Assert.Equal(TestFolders.Firmware("formats/bincopy-empty_main.bin"), BinaryFormat.Write(file.Image, 0));
        Assert.Equal(FirmwareFile.Parse(TestFolders.Firmware("formats/bincopy-empty_main.hex")).Image, file.Image);
    }

    [Fact]
    public void Its_records_in_disorder_go_on_after_the_end_and_make_the_same_image_when_that_is_let_pass()
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => Read("empty_main_rearranged.s19", ~FileAllowances.Eof));
        Assert.Equal(FirmwareFormatErrorKind.Eof, refused.Kind);
        Assert.Contains("the file goes on after the end record", refused.Message, StringComparison.Ordinal);
        var file = Read("empty_main_rearranged.s19", FileAllowances.Eof);
        Assert.Equal(Read("empty_main.s19", FileAllowances.None).Image, file.Image);
        Assert.Equal(0x0040_0400u, file.EntryPoint);
    }

    [Theory]
    [InlineData("in.s19")]
    [InlineData("in_blank_lines.s19")]
    public void Blank_lines_do_not_matter(string name)
    {
        var file = Read(name, FileAllowances.None);
        Assert.Equal(("hello", (uint?)null), (file.Header, file.EntryPoint));
        Assert.Equal([new AddressRange(0, 70)], file.Image.Segments.Select(x => x.Range));
        Assert.Equal("Hello world.\n\0"u8, file.Image.Segments[0].Data.Span[^14..]);
        Assert.Empty(file.Warnings);
    }

    [Fact]
    public void A_count_in_the_end_s_place_will_do()
    {
        var file = Read("convert.s19", FileAllowances.None);
        Assert.Equal(FirmwareFile.Parse(TestFolders.Firmware("formats/bincopy-in.hex")).Image, file.Image);
        Assert.Empty(file.Warnings);
    }

    [Fact]
    public void A_wrong_checksum_is_told_and_let_pass_by_its_name()
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => Read("bad_crc.s19", ~FileAllowances.Crc));
        Assert.Equal(
            (FirmwareFormatErrorKind.Crc, "line 1: the checksum is 22, but the record's bytes give 25"), (refused.Kind, refused.Message));
        Assert.Equal(FirmwareFormatErrorKind.Eof, Assert.Throws<FirmwareFormatException>(() => Read("bad_crc.s19", FileAllowances.Crc)).Kind);
        var file = Read("bad_crc.s19", FileAllowances.Crc | FileAllowances.Eof);
        Assert.Equal([new AddressRange(0x0040_0264, 16)], file.Image.Segments.Select(x => x.Range));
        Assert.Equal(
            [refused.Message, "the file ends at line 1 without the end record, so some of it is probably missing"], file.Warnings);
    }

    [Fact]
    public void The_sample_of_the_facts_is_its_binary_sample()
    {
        var file = FirmwareFile.Parse(TestFolders.Sample("sample.s19"));
        Assert.Equal(FirmwareFile.Parse(TestFolders.Sample("sample.bin")).At(0x0800_0000).Image, file.Image);
        Assert.Equal(("HDR", (uint?)0x0800_0009), (file.Header, file.EntryPoint));
    }

    private static FirmwareFile Read(string name, FileAllowances allow) =>
        FirmwareFile.Parse(TestFolders.Firmware("formats/bincopy-" + name), new FirmwareReadOptions { Allow = allow });
}
