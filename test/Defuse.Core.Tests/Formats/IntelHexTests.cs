using System.Text;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

public class IntelHexTests
{
    private const string Base = ":020000040800F2\n";

    [Fact]
    public void What_is_written_reads_back_equal()
    {
        var random = new Random(20);
        for (var i = 0; i < 400; i++)
        {
            var image = i == 0 ? RandomImages.BothEnds() : RandomImages.Sparse(random);
            uint? entry = random.Next(2) == 0 ? null : (uint)random.NextInt64(0x1_0000_0000);
            var file = FirmwareFile.Parse(IntelHexFormat.Write(image, entry, random.Next(1, 256)));
            Assert.Equal(FirmwareFormat.IntelHex, file.Format);
            Assert.Equal(image, file.Image);
            Assert.Equal(entry, file.EntryPoint);
            Assert.Empty(file.Warnings);
            Assert.Empty(file.Targets);
            Assert.Null(file.Suffix);
            Assert.False(file.NeedsAddress);
        }
    }

    [Fact]
    public void The_sample_of_the_facts_is_written_byte_for_byte()
    {
        var expected = (Base
            + RawHex.Record(0, 0, RawDfuSe.SampleImage[..16]) + RawHex.Record(0, 16, RawDfuSe.SampleImage[16..])
            + RawHex.Record(5, 0, 8, 0, 0, 9) + RawHex.End).Replace("\n", "\r\n", StringComparison.Ordinal);
        var written = IntelHexFormat.Write(FirmwareImage.FromBytes(0x0800_0000, RawDfuSe.SampleImage), 0x0800_0009);
        Assert.Equal(expected, Encoding.ASCII.GetString(written));
    }

    [Fact]
    public void A_linear_record_goes_on_past_64_KB_and_a_segmented_one_comes_out_at_its_start()
    {
        var record = RawHex.Record(0, 0xFFFE, 1, 2, 3, 4);
        Assert.Equal([(0x0800_FFFEu, "01020304")], Segments(Base + record));
        Assert.Equal([(0xFFFEu, "01020304")], Segments(record));
        Assert.Equal([(0x1_0000u, "0304"), (0x1_FFFEu, "0102")], Segments(RawHex.Record(2, 0, 0x10, 0x00) + record));
        Assert.Equal([(0xF_FFF0u, "0304"), (0x10_FFEEu, "0102")], Segments(RawHex.Record(2, 0, 0xFF, 0xFF) + record));
        Assert.Equal([(0x0800_FFFEu, "01020304")], Segments(RawHex.Record(2, 0, 0x10, 0x00) + Base + record));
    }

    [Fact]
    public void No_record_that_is_written_crosses_64_KB()
    {
        var image = FirmwareImage.FromBytes(0x0800_0003, new byte[0x2_0010]);
        var lines = Encoding.ASCII.GetString(IntelHexFormat.Write(image, null, 32)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, x => Assert.True(Convert.ToInt32(x[1..3], 16) + Convert.ToInt32(x[3..7], 16) <= 0x1_0000, x));
        Assert.Equal([":020000040800F2", ":020000040801F1", ":020000040802F0"], lines.Where(x => x[8] == '4'));
    }

    [Fact]
    public void A_checksum_with_any_one_bit_wrong_is_refused()
    {
        var line = RawHex.Record(0, 0, 1, 2, 3).TrimEnd();
        for (var bit = 0; bit < 8; bit++)
        {
            var wrong = Convert.ToByte(line[^2..], 16) ^ (1 << bit);
            var refused = Assert.Throws<FirmwareFormatException>(() => Parse($"{line[..^2]}{wrong:X2}\n{RawHex.End}"));
            Assert.Equal(line[^2..], refused.Expected);
        }
    }

    [Fact]
    public void A_base_holds_until_the_next_one_of_either_kind() =>
        Assert.Equal(
            [(0x10u, "01"), (0x1010u, "02"), (0x0800_0010u, "0304"), (0x0900_0010u, "05")],
            Segments(RawHex.Record(0, 0x10, 1) + RawHex.Record(2, 0, 1, 0) + RawHex.Record(0, 0x10, 2) + RawHex.Record(4, 0, 8, 0)
                + RawHex.Record(0, 0x10, 3) + RawHex.Record(0, 0x11, 4) + RawHex.Record(4, 0, 9, 0) + RawHex.Record(0, 0x10, 5)));

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    [InlineData(" \t\r\n")]
    [InlineData("\r\n \t")]
    public void Line_ends_blanks_and_case_do_not_matter(string lineEnd)
    {
        var text = (Base + RawHex.Record(0, 0, 0xAB, 0xCD) + RawHex.End).Replace("\n", lineEnd, StringComparison.Ordinal);
        foreach (var variant in new[] { text, text.ToLowerInvariant(), "\uFEFF" + text, " \r\n" + text, text.TrimEnd() })
        {
            var file = FirmwareFile.Parse(Encoding.UTF8.GetBytes(variant));
            Assert.Equal("ABCD", Convert.ToHexString(file.Image.Segments[0].Data.Span));
            Assert.Empty(file.Warnings);
        }
    }

    [Fact]
    public void The_start_is_taken_from_types_05_and_03()
    {
        var data = RawHex.Record(0, 0, 1);
        Assert.Equal(0x0800_0009u, Parse(data + RawHex.Record(5, 0, 8, 0, 0, 9) + RawHex.End).EntryPoint);
        Assert.Equal(0x1_2344u, Parse(data + RawHex.Record(3, 0, 0x10, 0, 0x23, 0x44) + RawHex.End).EntryPoint);
        Assert.Null(Parse(data + RawHex.End).EntryPoint);
        var twice = Parse(data + RawHex.Record(5, 0, 8, 0, 0, 9) + RawHex.Record(5, 0, 8, 0, 0, 0xB) + RawHex.End);
        Assert.Equal(0x0800_000Bu, twice.EntryPoint);
        Assert.Equal(["line 3: a second start address, 0x0800000B, replaces 0x08000009"], twice.Warnings);
    }

    [Theory]
    [InlineData("junk", "line 3: 'j' follows the end-of-file record in line 2, where nothing belongs", 3)]
    [InlineData("\n:junk \u0001", "line 4: ':' follows the end-of-file record in line 2, where nothing belongs", 4)]
    [InlineData("\0\u001a\r\n;", "line 4: ';' follows the end-of-file record in line 2, where nothing belongs", 4)]
    [InlineData(":0100000002F", "line 3: ':' follows the end-of-file record in line 2, where nothing belongs", 3)]
    public void Junk_behind_the_end_is_refused_unless_it_is_let_pass(string junk, string reason, int line)
    {
        var text = RawHex.Record(0, 0, 1) + RawHex.End + junk;
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(text, ~FileAllowances.Trailing));
        Assert.Equal((FirmwareFormatErrorKind.Trailing, reason, (int?)line), (refused.Kind, refused.Message, refused.Line));
        var file = Parse($"{text}{new string('x', 3000)}\n:00000001FF\n:0100000002FD", FileAllowances.Trailing);
        Assert.Equal([$"{reason}; it is ignored, with all that follows it"], file.Warnings);
        Assert.Equal(1, file.Image.ByteCount);
    }

    [Fact]
    public void Padding_and_a_second_end_behind_the_end_harm_nothing()
    {
        var text = RawHex.Record(0, 0, 1) + RawHex.End;
        Assert.Empty(Parse(text + "\x1a\0\0 \r\n").Warnings);
        Assert.Empty(Parse(text.TrimEnd() + "\0\0\0").Warnings);
        Assert.Empty(Parse(text + RawHex.End + "\n" + RawHex.End).Warnings);
    }

    [Fact]
    public void Records_behind_the_end_are_refused_or_taken_as_another_file()
    {
        var text = Base + RawHex.Record(0, 0, 1) + RawHex.End + RawHex.Record(0, 16, 2) + RawHex.Record(4, 0, 8, 1) + RawHex.Record(0, 0, 3) + RawHex.End;
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(text, ~FileAllowances.Eof));
        Assert.Equal(
            (FirmwareFormatErrorKind.Eof, "line 4: the file goes on after the end-of-file record in line 3", (int?)4),
            (refused.Kind, refused.Message, refused.Line));
        var file = Parse(text, FileAllowances.Eof);
        Assert.Equal(
            ["line 4: the file goes on after the end-of-file record in line 3; what follows is taken in, as another file behind the first"],
            file.Warnings);
        Assert.Equal([16u, 0x0800_0000u, 0x0801_0000u], file.Image.Segments.Select(x => x.Range.Start));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("\n\n\n", 1)]
    [InlineData(":020000040800F2 \r\n \n", 2)]
    [InlineData(":020000040800F2\n:0100000002FD", 3)]
    public void A_file_without_its_end_is_refused_unless_that_is_let_pass(string rest, int line)
    {
        var text = RawHex.Record(0, 0x100, 7) + rest;
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(text, ~FileAllowances.Eof));
        var reason = $"the file ends at line {line} without the end-of-file record, so some of it is probably missing";
        Assert.Equal(
            (FirmwareFormatErrorKind.Eof, reason, (int?)line, text.Length, ":00000001FF"),
            (refused.Kind, refused.Message, refused.Line, refused.Offset, refused.Expected));
        Assert.Equal([reason], Parse(text, FileAllowances.Eof).Warnings);
    }

    [Fact]
    public void Wrong_checksums_are_let_pass_with_a_warning_each_up_to_a_limit()
    {
        const string Wrong = ":0100000001FF\n";
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(Base + Wrong + RawHex.End, ~FileAllowances.Crc));
        Assert.Equal((FirmwareFormatErrorKind.Crc, "FE", (int?)2), (refused.Kind, refused.Expected, refused.Line));
        var file = Parse(Base + Wrong + ":01000100FF00\n" + RawHex.End, FileAllowances.Crc);
        Assert.Equal(
            ["line 2: the checksum is FF, but the record's bytes give FE", "line 3: the checksum is 00, but the record's bytes give FF"],
            file.Warnings);
        Assert.Equal("01FF", Convert.ToHexString(file.Image.Segments.Single().Data.Span));
        var many = Parse(string.Concat(Enumerable.Repeat(Wrong, 100)) + RawHex.End, FileAllowances.Crc);
        Assert.Equal("and 80 more oddities", many.Warnings[^1]);
        Assert.Equal(21, many.Warnings.Length);
    }

    [Theory]
    [InlineData(":010000000\n", 2, "odd number", "two digits for each byte")]
    [InlineData(":0400000001020304\n", 2, "cut short: its length byte 0x04 means 18 digits, but it has 16", "18 digits")]
    [InlineData(":04", 2, "cut short", "18 digits")]
    [InlineData(":", 2, "no digits", null)]
    [InlineData(":01000000G1FE\n", 2, "'G' in column 10 is no hexadecimal digit", null)]
    [InlineData(":0100\x01", 2, "the byte 0x01 in column 6", null)]
    [InlineData(":0100000001FE00\n", 2, "goes on after its checksum", "12 digits")]
    [InlineData(":0100000001FE ;note\n", 2, "';' follows the record's checksum", null)]
    [InlineData("0100000001FE\n", 2, "a record starts with ':', but this line with '0'", "':'")]
    [InlineData("\u00EF\u00BB\u00BF:00000001FF\n", 2, "a record starts with ':', but this line with the byte 0xEF", "':'")]
    [InlineData("\n\n:00000006FA\n", 4, "type is 06, and only 00 to 05 are known", null)]
    [InlineData(":0100000100FE\n", 2, "type 01 carries 0 bytes, but this one has 1", "0 bytes")]
    [InlineData(":0100000408F3\n", 2, "type 04 carries 2 bytes, but this one has 1", "2 bytes")]
    [InlineData(":03000002080000F3\n", 2, "type 02 carries 2 bytes", null)]
    [InlineData(":020000030800F3\n", 2, "type 03 carries 4 bytes", null)]
    [InlineData(":00000005FB\n", 2, "type 05 carries 4 bytes, but this one has 0", "4 bytes")]
    [InlineData(":02000004FFFFFC\n:02FFFF000102FD\n", 3, "2 bytes from 0xFFFFFFFF would end past 0xFFFFFFFF", null)]
    public void What_breaks_the_format_is_refused_with_its_line(string rest, int line, string expected, string? wanted)
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(RawHex.Record(0, 0x100, 7) + rest));
        Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Equal(line, refused.Line);
        Assert.Contains($"line {line}", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Offset);
        Assert.NotNull(refused.Remedy);
        if (wanted is not null)
        {
            Assert.Equal(wanted, refused.Expected);
        }
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\r\n")]
    public void Lines_are_counted_as_editors_count_them(string lineEnd)
    {
        var text = $"{Base}\n{RawHex.Record(0, 0, 1)}:junk".Replace("\n", lineEnd, StringComparison.Ordinal);
        Assert.Equal(4, Assert.Throws<FirmwareFormatException>(() => Parse(text)).Line);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        var text = Base + RawHex.Record(0, 0, 1, 2, 3) + RawHex.Record(5, 0, 8, 0, 0, 9) + RawHex.End.TrimEnd();
        for (var length = 9; length < text.Length; length++)
        {
            var refused = Assert.Throws<FirmwareFormatException>(() => Parse(text[..length]));
            Assert.Equal(text[..length].TrimEnd('\n').Count(x => x == '\n') + 1, refused.Line);
        }

        Assert.Equal(3, Parse(text).Image.ByteCount);
    }

    [Fact]
    public void The_longest_record_and_the_empty_one_are_read()
    {
        var data = Enumerable.Range(0, 255).Select(x => (byte)x).ToArray();
        Assert.Equal([(0u, Convert.ToHexString(data))], Segments(RawHex.Record(0, 0, data) + RawHex.Record(0, 0x900)));
    }

    [Fact]
    public void A_file_without_data_is_refused()
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(Base + RawHex.End));
        Assert.Contains("holds no bytes", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, refused.Line);
    }

    [Fact]
    public void Records_that_disagree_are_refused_with_their_lines()
    {
        var conflict = Assert.Throws<ImageConflictException>(() => Parse(
            RawHex.Record(0, 0, 1, 2, 3, 4) + RawHex.Record(0, 4, 5, 6) + RawHex.Record(0, 5, 6) + RawHex.Record(0, 4, 5, 7) + RawHex.End));
        Assert.Equal("0x00000004-0x00000005 (line 2) and 0x00000004-0x00000005 (line 4) disagree at 0x00000005: 0x06 and 0x07", conflict.Message);
    }

    [Fact]
    public void Records_that_disagree_by_wrapping_round_a_segment_are_named_too()
    {
        var conflict = Assert.Throws<ImageConflictException>(() => Parse(
            RawHex.Record(0, 0, 9) + RawHex.Record(2, 0, 0, 0) + RawHex.Record(0, 0xFFFF, 1, 2) + RawHex.End));
        Assert.Equal("0x00000000-0x00000000 (line 1) and 0x00000000-0x00000000 (line 3) disagree at 0x00000000: 0x09 and 0x02", conflict.Message);
    }

    [Fact]
    public void Records_that_agree_are_taken_once() =>
        Assert.Equal([(0u, "010203")], Segments(RawHex.Record(0, 0, 1, 2) + RawHex.Record(0, 1, 2, 3)));

    [Fact]
    public void Writing_asks_for_something_to_write_and_a_sensible_record()
    {
        var image = FirmwareImage.FromBytes(0, [1]);
        Assert.Throws<ArgumentException>(() => IntelHexFormat.Write(FirmwareImage.Empty));
        Assert.Throws<ArgumentOutOfRangeException>(() => IntelHexFormat.Write(image, null, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => IntelHexFormat.Write(image, null, 256));
    }

    private static FirmwareFile Parse(string text, FileAllowances allow = FileAllowances.None) =>
        FirmwareFile.Parse(Encoding.Latin1.GetBytes(text), new FirmwareReadOptions { Format = FirmwareFormat.IntelHex, Allow = allow });

    private static IEnumerable<(uint Address, string Data)> Segments(string records) =>
        Parse(records + RawHex.End).Image.Segments.Select(x => (x.Range.Start, Convert.ToHexString(x.Data.Span)));
}
