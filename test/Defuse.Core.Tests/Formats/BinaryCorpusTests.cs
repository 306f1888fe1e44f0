using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

/// <summary>Small odd files, each with what must happen: the format and the size that it opens as, or the kind of refusal and its words.</summary>
public class BinaryCorpusTests
{
    private static readonly string[] Extensions = [".elf", ".uf2", ".dfu", ".gz", ".zip"];

    public static TheoryData<string, string, string> Files => new()
    {
        { "dfu-crc.dfu", "Crc", "the CRC at offset 0x24 is 0x00000000, but the file's bytes give 0x0B99D04E" },
        { "dfu-lmdfu-past-4g.dfu", "Dfu 24", "the file is made for TI's Stellaris; its prefix of 8 bytes places it at 0x03FFFC00, and is left out" },
        { "dfu-only-suffix.dfu", "Malformed", "the file is well formed, but holds no bytes to write" },
        { "dfu-plain.dfu", "Dfu 24", "" },
        { "dfu-suffix-15.dfu", "Binary 40", "" },
        { "dfu-suffix-255.dfu", "Binary 40", "" },
        { "dfu-two-suffixes.dfu", "Dfu 40", "offset 0x18: before the suffix stands another one, which is taken for firmware" },
        { "dfuse-name-but-plain.dfu", "Content", "the file is a DFU file for 0483:df11 that names DfuSe at its end, but does not start with \"DfuSe\"" },
        { "elf-big-endian.elf", "Content", "the file is a big-endian ELF file for ARM, not a program for an STM32" },
        { "elf-data-in-ram.elf", "Elf 28", "segment 1: 4 bytes are to be loaded at 0x20000000, which is RAM; a linker script without AT> makes files like this" },
        { "elf-dynamic-linux.elf", "Content", "the file is a program for an operating system on ARM, not for a microcontroller" },
        { "elf-filesz-over-memsz.elf", "Elf 24", "" },
        { "elf-filesz-wraps.elf", "Malformed", "segment 0 takes 32 bytes from offset 0xFFFFFFF0 on, but the file ends at 0x6C" },
        { "elf-header-cut.elf", "Malformed", "the file ends at offset 0x28, inside the header of 52 bytes" },
        { "elf-only-header.elf", "Malformed", "the file is well formed, but holds no bytes to write" },
        { "elf-overlap-agrees.elf", "Elf 24", "" },
        { "elf-overlap-disagrees.elf", "Conflict", "0x08000000-0x08000017 (segment 0, offset 0x34) and 0x08000008-0x0800000F (segment 1, offset 0x34) disagree at 0x08000008: 0x11 and 0x00" },
        { "elf-past-4g.elf", "Malformed", "segment 0, 24 bytes from 0xFFFFFFF0, would end past 0xFFFFFFFF" },
        { "elf-phentsize-0.elf", "Malformed", "the 1 program headers, announced from offset 0x4C on, are not in the file of 0x6C bytes" },
        { "elf-phentsize-64.elf", "Elf 24", "" },
        { "elf-phnum-65535.elf", "Malformed", "the 65535 program headers, announced from offset 0x4C on, are not in the file of 0x6C bytes" },
        { "elf-phoff-past-end.elf", "Malformed", "the 1 program headers, announced from offset 0x7FFFFFFF on, are not in the file of 0x6C bytes" },
        { "elf-shstrndx-wild.elf", "Elf 24", "" },
        { "elf-x86-64.elf", "Content", "the file is a 64-bit ELF file for x86-64, not a program for an STM32" },
        { "gzip-extra-past-end.gz", "Malformed", "the gzip archive is cut off inside its header" },
        { "gzip-name-endless.gz", "Malformed", "the gzip archive is cut off inside its header" },
        { "gzip-no-deflate.gz", "Malformed", "the gzip archive is damaged: its data cannot be unpacked" },
        { "gzip-of-gzip.gz", "Content", "the file is a gzip archive with a gzip archive in it, not a firmware file" },
        { "gzip-of-image.gz", "Binary 24", "" },
        { "gzip-of-nothing.gz", "Content", "inside the archive: the file is an empty file, with no firmware in it" },
        { "gzip-of-page.gz", "Content", "inside the archive: the file is an HTML page, not firmware: the download was of a web page" },
        { "gzip-size-wrong.gz", "Crc", "the gzip archive's CRC does not fit what is in it, 0xDD131AE5 and 24 bytes" },
        { "gzip-zeros-behind.gz", "Binary 24", "" },
        { "uf2-count-0.uf2", "Eof", "the block at offset 0x0 has the number 0, but there are to be 0 of them, counted from 0" },
        { "uf2-count-huge.uf2", "Eof", "of the file's 4294967295 blocks, 4294967294 missing; the first of them is number 1" },
        { "uf2-end-mark-broken.uf2", "Malformed", "the block at offset 0x0 ends with 0x0AB16F31, not with a block's mark" },
        { "uf2-first-block-cut.uf2", "Eof", "the block at offset 0x0 is cut off: the file ends after 300 of its 512 bytes" },
        { "uf2-half-block.uf2", "Eof", "the block at offset 0x200 is cut off: the file ends after 256 of its 512 bytes" },
        { "uf2-last-address.uf2", "Uf2 256", "" },
        { "uf2-md5-behind-476.uf2", "Uf2 476", "" },
        { "uf2-newline-behind.uf2", "Trailing", "offset 0x200: 1 byte outside any UF2 block" },
        { "uf2-no-family.uf2", "Uf2 256", "the file does not say which family of chips it is for" },
        { "uf2-number-huge.uf2", "Eof", "the block at offset 0x0 has the number 4294967295, but there are to be 4294967295 of them, counted from 0" },
        { "uf2-past-4g.uf2", "Malformed", "the block at offset 0x0, 256 bytes from 0xFFFFFF04, would end past 0xFFFFFFFF" },
        { "uf2-payload-476.uf2", "Uf2 476", "" },
        { "uf2-payload-477.uf2", "Malformed", "the block at offset 0x0 says that it brings 477 bytes, but there is room for 476" },
        { "uf2-reversed.uf2", "Uf2 512", "" },
        { "uf2-rp2350-absolute.uf2", "Content", "the file is a UF2 file for several families of chips: RP2XXX_ABSOLUTE (256 bytes), RP2350_ARM_S (256 bytes)" },
        { "uf2-tag-length-1.uf2", "Uf2 256", "" },
        { "uf2-tag-runs-out.uf2", "Uf2 256", "" },
        { "uf2-two-stm32.uf2", "Content", "the file is a UF2 file for several families of chips: STM32F7 (256 bytes), STM32F4 (256 bytes)" },
        { "zip-comment-with-end.zip", "IntelHex 4", "" },
        { "zip-count-65535.zip", "Malformed", "the zip archive announces 65535 files; more than 4096 are not looked through" },
        { "zip-directory-elsewhere.zip", "Malformed", "the zip archive's directory is damaged: entry 0 of 1 is not at offset 0x5" },
        { "zip-empty.zip", "Content", "the file is a zip archive with no firmware file in it" },
        { "zip-encrypted.zip", "Content", "the file is a zip archive whose file a.hex is encrypted, so that it cannot be looked at" },
        { "zip-lzma.zip", "Content", "the file is a zip archive whose file a.hex is packed by the method LZMA, which this program does not know" },
        { "zip-name-escapes.zip", "IntelHex 4", "" },
        { "zip-no-end.zip", "Malformed", "the zip archive is cut off: the directory at its end is missing" },
        { "zip-of-hex.zip", "IntelHex 4", "" },
        { "zip-of-zip.zip", "Content", "the file is a zip archive with no firmware file in it, only a.zip" },
        { "zip-stored-lies.zip", "Malformed", "the zip archive is damaged: a.hex unpacks to 32 bytes, not to 48" },
        { "zip-two.zip", "Content", "the file is a zip archive with 2 firmware files in it: a.hex, b.hex" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void It_opens_or_is_refused_as_it_must(string name, string outcome, string words) =>
        Assert.Equal((outcome, words), Describe(File.ReadAllBytes(Path.Combine(TestFolders.Corpus(), name))));

    [Fact]
    public void Every_file_of_the_corpus_is_told_of() =>
        Assert.Equal(
            Directory.GetFiles(TestFolders.Corpus()).Select(x => Path.GetFileName(x)).Where(x => Extensions.Contains(Path.GetExtension(x))).Order(),
            Files.Select(x => x.Data.Item1).Order());

    private static (string Outcome, string Words) Describe(byte[] bytes)
    {
        try
        {
            var file = FirmwareFile.Parse(bytes);
            return ($"{file.Format} {file.Image.ByteCount}", string.Join("; ", file.Warnings));
        }
        catch (FirmwareFormatException refused)
        {
            return ($"{refused.Kind}", refused.Message);
        }
        catch (ImageConflictException refused)
        {
            return ("Conflict", refused.Message);
        }
    }
}
