using System.Text;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

public class TiTextTests
{
    [Fact]
    public void What_is_written_as_TI_describes_it_reads_back_equal()
    {
        var random = new Random(35);
        for (var i = 0; i < 400; i++)
        {
            var image = i == 0 ? RandomImages.BothEnds() : RandomImages.Sparse(random);
            var file = FirmwareFile.Parse(Encoding.ASCII.GetBytes(Text(image, random)));
            Assert.Equal(FirmwareFormat.TiText, file.Format);
            Assert.Equal(image, file.Image);
            Assert.Empty(file.Warnings);
            Assert.Null(file.EntryPoint);
        }
    }

    [Fact]
    public void The_sample_of_the_facts_is_its_binary_sample() =>
        Assert.Equal(
            FirmwareFile.Parse(TestFolders.Sample("sample.bin")).At(0x0800_0000).Image, FirmwareFile.Parse(TestFolders.Sample("sample.ti.txt")).Image);

    [Theory]
    [InlineData("@10\n01 ab\nq\n")]
    [InlineData("@10\r\n01 AB\r\nQ")]
    [InlineData("\uFEFF \n@0010\r01 \r\tAB\rq\0\0\u001a")]
    [InlineData("@00000010\n\n01\nAB \n\nq\nq\n")]
    [InlineData("@11\nAB\n@10\n01 q")]
    public void Line_ends_blanks_and_case_do_not_matter(string text)
    {
        var file = FirmwareFile.Parse(Encoding.UTF8.GetBytes(text));
        Assert.Equal(FirmwareFormat.TiText, file.Format);
        Assert.Equal(FirmwareImage.FromBytes(0x10, [1, 0xAB]), file.Image);
        Assert.Empty(file.Warnings);
    }

    [Theory]
    [InlineData("@10\n00\n0", FirmwareFormatErrorKind.Malformed, 3, "a byte has two digits, but here is one")]
    [InlineData("@10\n00 012\nq", FirmwareFormatErrorKind.Malformed, 2, "a byte has two digits, but here are 3")]
    [InlineData("@10\n00 0g\nq", FirmwareFormatErrorKind.Malformed, 2, "'g' is no hexadecimal digit")]
    [InlineData("00\nq", FirmwareFormatErrorKind.Malformed, 1, "bytes come before the first address")]
    [InlineData("@\n00\nq", FirmwareFormatErrorKind.Malformed, 1, "'@' has no address behind it")]
    [InlineData("@1x\n00\nq", FirmwareFormatErrorKind.Malformed, 1, "'x' follows the address")]
    [InlineData("@123456789\n00\nq", FirmwareFormatErrorKind.Malformed, 1, "the address has 9 digits")]
    [InlineData("@FFFFFFFF\n00 01\nq", FirmwareFormatErrorKind.Malformed, 2, "2 bytes from 0xFFFFFFFF would end past 0xFFFFFFFF")]
    [InlineData("@FFFFFFFF\n00\n01\nq", FirmwareFormatErrorKind.Malformed, 3, "1 bytes from 0x100000000 would end past 0xFFFFFFFF")]
    [InlineData("@10\n00\n\n", FirmwareFormatErrorKind.Eof, 2, "the file ends at line 2 without the end mark 'q'")]
    [InlineData("@10\n00\nq\n@20\n00\nq", FirmwareFormatErrorKind.Eof, 4, "the file goes on after the end mark 'q' in line 3")]
    [InlineData("@10\n00\nquit\n", FirmwareFormatErrorKind.Trailing, 3, "'u' follows the end mark 'q' in line 3")]
    [InlineData("@10\n00\nq\n00\n", FirmwareFormatErrorKind.Trailing, 4, "'0' follows the end mark 'q' in line 3")]
    [InlineData("@10\nq\n", FirmwareFormatErrorKind.Malformed, 2, "holds no bytes")]
    public void What_breaks_the_format_is_refused_with_its_line(string text, FirmwareFormatErrorKind kind, int line, string words)
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(text));
        Assert.Equal((kind, (int?)line), (refused.Kind, refused.Line));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Remedy);
        if (kind == FirmwareFormatErrorKind.Eof)
        {
            Assert.StartsWith(refused.Message, Assert.Single(Parse(text, FileAllowances.Eof).Warnings), StringComparison.Ordinal);
        }
        else if (kind == FirmwareFormatErrorKind.Trailing)
        {
            Assert.StartsWith(refused.Message, Assert.Single(Parse(text, FileAllowances.Trailing).Warnings), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_line_may_be_longer_than_what_is_looked_at_at_once()
    {
        for (var blanks = 1; blanks < 6; blanks++)
        {
            var line = "@0\n00" + new string('\t', blanks) + string.Concat(Enumerable.Repeat("00\t", 400));
            Assert.Equal(401, Parse(line + "\nq").Image.ByteCount);
            for (var at = 335; at < 345; at++)
            {
                var wrong = line.Insert(5 + blanks + (3 * at), "123\t");
                Assert.Contains("here are 3", Assert.Throws<FirmwareFormatException>(() => Parse(wrong)).Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Lines_that_disagree_are_refused_with_their_numbers()
    {
        var conflict = Assert.Throws<ImageConflictException>(() => Parse("@0\n01 02\n03\n@1\n02\n04 05\nq"));
        Assert.Equal("0x00000002-0x00000002 (line 3) and 0x00000002-0x00000003 (line 6) disagree at 0x00000002: 0x03 and 0x04", conflict.Message);
    }

    [Theory]
    [InlineData("@example wrote this")]
    [InlineData("@dead beef, a text")]
    [InlineData("@123456789\n00 11 22")]
    [InlineData("@10\nhello there")]
    public void Text_that_begins_with_the_same_character_is_text(string text) =>
        Assert.Contains(
            "a text file", Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(Encoding.ASCII.GetBytes(text))).Message, StringComparison.Ordinal);

    internal static string Text(FirmwareImage image, Random random)
    {
        var text = new StringBuilder();
        var perLine = random.Next(8) == 0 ? random.Next(300, 700) : random.Next(1, 40);
        var lineEnd = random.Next(2) == 0 ? "\n" : "\r\n";
        var blank = random.Next(2) == 0 ? " " : "";
        foreach (var segment in image.Segments)
        {
            text.Append($"@{segment.Range.Start:X4}{lineEnd}");
            foreach (var line in segment.Data.ToArray().Chunk(perLine))
            {
                text.Append($"{string.Join(' ', line.Select(x => x.ToString("X2")))}{blank}{lineEnd}");
            }
        }

        return $"{text}q{lineEnd}";
    }

    private static FirmwareFile Parse(string text, FileAllowances allow = FileAllowances.None) =>
        FirmwareFile.Parse(Encoding.Latin1.GetBytes(text), new FirmwareReadOptions { Format = FirmwareFormat.TiText, Allow = allow | FileAllowances.Image });
}
