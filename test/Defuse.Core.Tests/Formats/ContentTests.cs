using System.Text;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

public class ContentTests
{
    private static readonly FirmwareReadOptions AnyContent = new() { Allow = FileAllowances.Image };

    public static TheoryData<string, byte[]> Foreign => new()
    {
        { "an empty file", [] },
        { "an HTML page, not firmware: the download was of a web page", "\r\n<!DOCTYPE html>\n<html>"u8.ToArray() },
        { "an HTML page", [0xEF, 0xBB, 0xBF, .. "<HTML lang=en>"u8, 0xE9, 0] },
        { "an HTML page", "<?xml version='1.0'?><!DOCTYPE html PUBLIC>"u8.ToArray() },
        { "an HTML page", "<!-- saved --> <html>"u8.ToArray() },
        { "an XML file", "<?xml version='1.0'?><project/>"u8.ToArray() },
        { "an ELF file for x86, not a program for an STM32", new RawElf { Machine = 3 }.Bytes() },
        { "a zip archive with no firmware file in it", [.. "PK"u8, 5, 6, .. new byte[18]] },
        { "an xz archive", [0xFD, .. "7zXZ"u8, 0, 0] },
        { "a bzip2 archive", [.. "BZh91AY&SY"u8, 0xFF] },
        { "a Zstandard archive", [0x28, 0xB5, 0x2F, 0xFD, 0] },
        { "a 7z archive", [.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C] },
        { "a RAR archive", [.. "Rar!"u8, 0x1A, 7, 0] },
        { "a tar archive", [.. new byte[257], .. "ustar"u8, .. new byte[250]] },
        { "an LZ4 archive", [4, 0x22, 0x4D, 0x18, 0] },
        { "a cabinet archive", [.. "MSCF"u8, 0, 0, 0, 0, 9] },
        { "a library of object files, or a Debian package", [.. "!<arch>\n"u8, 0] },
        { "a PDF document", [.. "%PDF-1.7\n%"u8, 0xE2, 0] },
        { "a PNG picture", [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A] },
        { "a JPEG picture", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] },
        { "a GIF picture", [.. "GIF89a"u8, 0] },
        { "a Microsoft Office document", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] },
        { "a Java class", [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 61] },
        { "a program for macOS", [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 2] },
        { "a program for macOS", [0xCF, 0xFA, 0xED, 0xFE, 7, 0, 0, 1] },
        { "an image for Espressif's ESP32 or ESP8266", [0xE9, 3, 2, 0x20, 0x74, 0x0A, 0x08, 0x40, .. new byte[16]] },
        { "a Windows program", [.. "MZ"u8, .. new byte[58], 64, 0, 0, 0, .. "PE\0\0"u8] },
        { "a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"u8.ToArray() },
        { "a text file in UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("error\r\n")] },
        { "a text file in UTF-16", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("error\r\n")] },
        { "a text file", "404: Not Found"u8.ToArray() },
        { "a JSON file", "{\"message\":\"größer\"}\n"u8.ToArray() },
        { "a JSON file", "[1, 2, 3]"u8.ToArray() },
        { "a source text", "/* main */\n#include <stdio.h>\n"u8.ToArray() },
        { "a script", "#!/bin/sh\ntrue\n"u8.ToArray() },
        { "a text file", "größer als erlaubt"u8.ToArray() },
        { "a text file", Encoding.Latin1.GetBytes("Die Datei ist größer als erlaubt.") },
        { "a DFU file for 0483:df11 that names DfuSe at its end", new RawDfuSe().WithSuffix([0, 0, 2, 32]) },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void What_is_not_firmware_is_refused_by_its_name_and_taken_when_that_is_allowed(string name, byte[] bytes)
    {
        foreach (var format in new FirmwareFormat?[] { null, FirmwareFormat.Binary, FirmwareFormat.DfuSe, FirmwareFormat.IntelHex })
        {
            var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes, new FirmwareReadOptions { Format = format }));
            Assert.Equal(FirmwareFormatErrorKind.Content, refused.Kind);
            Assert.Contains("the file is " + name, refused.Message, StringComparison.Ordinal);
            Assert.NotNull(refused.Remedy);
        }

        var file = FirmwareFile.Parse(bytes, AnyContent);
        Assert.Equal(FirmwareFormat.Binary, file.Format);
        Assert.Equal(FirmwareImage.FromBytes(0, bytes), file.Image);
        Assert.True(file.NeedsAddress);
        Assert.EndsWith("its bytes are taken as they are", Assert.Single(file.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_is_taken_where_that_is_allowed_and_a_page_is_not()
    {
        var options = new FirmwareReadOptions { AllowText = true };
        var file = FirmwareFile.Parse("404: Not Found"u8.ToArray(), options);
        Assert.Equal("the file is a text file; its bytes are taken as they are", Assert.Single(file.Warnings));
        Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse("<html><body>Not Found</body></html>"u8.ToArray(), options));
    }

    [Fact]
    public void A_few_printable_bytes_are_not_called_text() =>
        Assert.Empty(FirmwareFile.Parse("ABCDEFGH123"u8.ToArray()).Warnings);

    [Fact]
    public void Allowing_any_content_opens_what_has_a_format_as_before()
    {
        var image = FirmwareImage.FromBytes(0x0800_0000, [1, 2, 3]);
        Assert.Equal(FirmwareFormat.DfuSe, FirmwareFile.Parse(DfuSeFormat.Write(image), AnyContent).Format);
        Assert.Equal(FirmwareFormat.IntelHex, FirmwareFile.Parse(IntelHexFormat.Write(image), AnyContent).Format);
    }

    [Fact]
    public void Who_knows_better_may_have_the_bytes_of_a_HEX_file()
    {
        var bytes = IntelHexFormat.Write(FirmwareImage.FromBytes(0x0800_0000, [1, 2, 3]));
        var file = FirmwareFile.Parse(bytes, new FirmwareReadOptions { Format = FirmwareFormat.Binary });
        Assert.Equal(bytes.Length, file.Image.ByteCount);
        Assert.Equal(["the file is an Intel HEX file; its bytes are taken as they are"], file.Warnings);
    }

    [Fact]
    public void A_broken_HEX_file_is_told_as_one_and_not_as_text()
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(":xyz\n"u8.ToArray()));
        Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
        Assert.Equal(1, refused.Line);
    }

    [Theory]
    [InlineData(new byte[] { 0x3A, 0x00, 0x02, 0x20, 0x01 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0xFF, 0xFE, 0xFF, 0xFE })]
    [InlineData(new byte[] { 0x4D, 0x5A, 0x00, 0x20 })]
    [InlineData(new byte[] { 0x3C, 0x00, 0x00, 0x20 })]
    [InlineData(new byte[] { 0xE9, 0x03, 0x02, 0x20, 0x01, 0x00, 0x00, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0xCA, 0xFE, 0xBA, 0xBE, 0, 1, 0, 1 })]
    [InlineData(new byte[] { 0x50, 0x4B, 0x03, 0x20, 0x09, 0x01, 0x00, 0x08 })]
    [InlineData(new byte[] { 0x1F, 0x8B, 0x07, 0x20 })]
    [InlineData(new byte[] { 0x55, 0x46, 0x32, 0x0A, 0x09, 0x01, 0x00, 0x08 })]
    [InlineData(new byte[] { 0x7F, 0x45, 0x4C, 0x20 })]
    public void Bytes_that_only_begin_like_something_else_are_a_raw_binary(byte[] bytes)
    {
        var file = FirmwareFile.Parse(bytes);
        Assert.Equal(FirmwareFormat.Binary, file.Format);
        Assert.Empty(file.Warnings);
        Assert.True(file.NeedsAddress);
    }

    [Fact]
    public void A_raw_binary_is_placed_where_one_says()
    {
        var bytes = RawDfuSe.SampleImage;
        var file = FirmwareFile.Parse(bytes);
        Assert.Equal(0u, file.Image.Extent!.Value.Start);
        var placed = file.At(0x0800_0000);
        Assert.False(placed.NeedsAddress);
        Assert.True(file.NeedsAddress);
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, bytes), placed.Image);
        Assert.Equal(FirmwareImage.FromBytes(0xFFFF_FFE8, bytes), placed.At(0xFFFF_FFE8).Image);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.At(0xFFFF_FFE9));
    }

    [Fact]
    public void A_raw_binary_reads_back_equal_with_its_gaps_filled()
    {
        var random = new Random(30);
        for (var i = 0; i < 200; i++)
        {
            var builder = new FirmwareImageBuilder();
            var origin = random.Next(2) == 0 ? 0L : AddressRange.AddressSpaceEnd - 3000;
            for (var start = random.Next(200); start < 2900; start += random.Next(150, 900))
            {
                builder.Add((uint)(origin + start), RandomImages.Bytes(random, random.Next(1, 100)));
            }

            var image = builder.Build();
            var fill = (byte)random.Next(256);
            var bytes = BinaryFormat.Write(image, fill);
            var read = FirmwareFile.Parse(bytes, AnyContent).At(image.Extent!.Value.Start).Image;
            Assert.Equal(image.Extent, read.Extent);
            foreach (var segment in image.Segments)
            {
                Assert.Equal(image.Slice(segment.Range), read.Slice(segment.Range));
            }

            Assert.Equal(image.Extent.Value.Length - image.ByteCount, bytes.Length - image.ByteCount);
            for (var j = 0; j < bytes.Length; j++)
            {
                var address = new AddressRange(image.Extent.Value.Start + (uint)j, 1);
                Assert.True(image.Covers(address) || bytes[j] == fill);
            }
        }
    }

    [Fact]
    public void A_raw_binary_of_an_absurd_gap_is_refused()
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => BinaryFormat.Write(RandomImages.BothEnds()));
        Assert.Equal(FirmwareFormatErrorKind.TooLarge, refused.Kind);
        Assert.Contains("4294967296 bytes, 4294967168 of them filler", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Remedy);
        Assert.Throws<ArgumentException>(() => BinaryFormat.Write(FirmwareImage.Empty));
    }

    [Fact]
    public void One_door_writes_every_format()
    {
        var image = FirmwareImage.FromBytes(0x0800_0000, [.. Enumerable.Repeat(RawDfuSe.SampleImage, 32).SelectMany(x => x)]);
        foreach (var format in Enum.GetValues<FirmwareFormat>().Except([FirmwareFormat.Elf, FirmwareFormat.TiText]))
        {
            var options = new FirmwareWriteOptions
            {
                EntryPoint = 0x0800_0009,
                Header = "text",
                DfuSe = new DfuSeWriteOptions { AlternateSetting = 1, ProductId = 0x1234 },
                Uf2Family = RawUf2.Stm32F7,
            };
            var file = FirmwareFile.Parse(FirmwareFile.Write(format, image, options));
            Assert.Equal(format, file.Format);
            Assert.Equal(image, file.NeedsAddress ? file.At(0x0800_0000).Image : file.Image);
            Assert.Equal(format is FirmwareFormat.IntelHex or FirmwareFormat.SRecord ? 0x0800_0009u : null, file.EntryPoint);
            Assert.Equal(format == FirmwareFormat.SRecord ? "text" : null, file.Header);
            Assert.Equal(format == FirmwareFormat.DfuSe ? [1] : [], file.Targets.Select(x => (int)x.AlternateSetting));
            Assert.Equal(format is FirmwareFormat.DfuSe or FirmwareFormat.Dfu ? 0x1234 : null, file.Suffix?.ProductId);
            Assert.Equal(format == FirmwareFormat.Uf2 ? RawUf2.Stm32F7 : null, file.Uf2?.Family);
            Assert.Empty(file.Warnings);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => FirmwareFile.Write(FirmwareFormat.TiText, image));
        Assert.Throws<ArgumentOutOfRangeException>(() => FirmwareFile.Write((FirmwareFormat)99, image));
        Assert.Throws<ArgumentOutOfRangeException>(() => FirmwareFile.Parse(new byte[4], new FirmwareReadOptions { Format = (FirmwareFormat)99 }));
    }
}
