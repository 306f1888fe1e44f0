using System.Text;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

public class SRecordTests
{
    [Fact]
    public void What_is_written_reads_back_equal()
    {
        var random = new Random(30);
        for (var i = 0; i < 400; i++)
        {
            var image = i == 0 ? RandomImages.BothEnds() : Near(random, RandomImages.Sparse(random));
            uint? entry = random.Next(2) == 0 ? null : (uint)random.NextInt64(1, 0x1_0000_0000) >> random.Next(24);
            var header = random.Next(2) == 0 ? null : new string('é', random.Next(1, 127));
            var file = FirmwareFile.Parse(SRecordFormat.Write(image, header, entry, random.Next(1, 251)));
            Assert.Equal(FirmwareFormat.SRecord, file.Format);
            Assert.Equal(image, file.Image);
            Assert.Equal(entry is 0 ? null : entry, file.EntryPoint);
            Assert.Equal(header, file.Header);
            Assert.Empty(file.Warnings);
            Assert.False(file.NeedsAddress);
        }
    }

    [Fact]
    public void The_sample_of_the_facts_is_written_byte_for_byte()
    {
        var written = SRecordFormat.Write(FirmwareImage.FromBytes(0x0800_0000, RawDfuSe.SampleImage), "HDR", 0x0800_0009);
        Assert.Equal(
            RawSRecord.Record(0, 0, "HDR"u8.ToArray()) + RawSRecord.Record(3, 0x0800_0000, RawDfuSe.SampleImage[..16])
                + RawSRecord.Record(3, 0x0800_0010, RawDfuSe.SampleImage[16..]) + RawSRecord.Record(5, 2) + RawSRecord.Record(7, 0x0800_0009),
            Encoding.ASCII.GetString(written).Replace("\r\n", "\n", StringComparison.Ordinal));
        Assert.Equal(TestFolders.Sample("sample.s19"), written.Where(x => x != '\r'));
    }

    [Theory]
    [InlineData(0xFFFF, null, "S1", "S9030000FC")]
    [InlineData(0x1_0000, null, "S2", "S804000000FB")]
    [InlineData(0xFF_FFFF, null, "S2", "S804000000FB")]
    [InlineData(0x100_0000, null, "S3", "S70500000000FA")]
    [InlineData(0, 0xFFFFu, "S1", "S903FFFFFE")]
    [InlineData(0, 0x1_0000u, "S2", "S804010000FA")]
    [InlineData(0, 0x0800_0001u, "S3", "S70508000001F1")]
    public void Addresses_are_as_short_as_all_of_it_allows(uint address, uint? entry, string type, string end)
    {
        var lines = Encoding.ASCII.GetString(SRecordFormat.Write(FirmwareImage.FromBytes(address, [1]), null, entry)).Split("\r\n");
        Assert.Equal(type, lines[0][..2]);
        Assert.Equal(["S5030001FB", end, ""], lines[1..]);
    }

    [Theory]
    [InlineData(0xFFFF, "S503FFFF")]
    [InlineData(0x1_0000, "S604010000")]
    [InlineData(0x100_0000, null)]
    public void Records_are_counted_where_the_count_has_a_place(int records, string? count)
    {
        var written = SRecordFormat.Write(FirmwareImage.FromBytes(0, new byte[records]), null, null, 1);
        var text = Encoding.ASCII.GetString(written[^30..]);
        Assert.Equal(count is not null, text.Contains("\nS5", StringComparison.Ordinal) || text.Contains("\nS6", StringComparison.Ordinal));
        Assert.Contains(count ?? "S8", text, StringComparison.Ordinal);
        Assert.Equal(records, FirmwareFile.Parse(written).Image.ByteCount);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    [InlineData(" \t\r\n")]
    [InlineData("\r\n \t")]
    public void Line_ends_blanks_and_case_do_not_matter(string lineEnd)
    {
        var text = (RawSRecord.Record(0, 0, "ab"u8.ToArray()) + RawSRecord.Record(1, 0x10, 0xAB, 0xCD) + RawSRecord.Record(5, 1) + RawSRecord.End)
            .Replace("\n", lineEnd, StringComparison.Ordinal);
        foreach (var variant in new[] { text, text.ToLowerInvariant(), "\uFEFF" + text, " \r\n" + text, text.TrimEnd(), text + "\0\0\u001a" })
        {
            var file = FirmwareFile.Parse(Encoding.UTF8.GetBytes(variant));
            Assert.Equal((FirmwareFormat.SRecord, "ab"), (file.Format, file.Header));
            Assert.Equal("ABCD", Convert.ToHexString(file.Image.Segments[0].Data.Span));
            Assert.Empty(file.Warnings);
        }
    }

    [Fact]
    public void Each_type_has_addresses_of_its_own_width()
    {
        var file = Parse(RawSRecord.Record(1, 0x1234, 1) + RawSRecord.Record(2, 0x12_3456, 2) + RawSRecord.Record(3, 0xFFFF_FFFF, 3) + RawSRecord.End);
        Assert.Equal([(0x1234u, "01"), (0x12_3456u, "02"), (0xFFFF_FFFFu, "03")], Segments(file));
    }

    [Fact]
    public void The_start_is_taken_from_the_end_record_unless_it_is_0()
    {
        var data = RawSRecord.Record(1, 0, 1);
        Assert.Equal(0x0800_0009u, Parse(data + RawSRecord.Record(7, 0x0800_0009)).EntryPoint);
        Assert.Equal(0x1_2345u, Parse(data + RawSRecord.Record(8, 0x1_2345)).EntryPoint);
        Assert.Equal(0x1234u, Parse(data + RawSRecord.Record(9, 0x1234)).EntryPoint);
        Assert.Null(Parse(data + RawSRecord.End).EntryPoint);
        var twice = Parse(data + RawSRecord.Record(9, 1) + RawSRecord.Record(9, 2));
        Assert.Equal(["line 3: a second start address, 0x00000002, replaces 0x00000001"], twice.Warnings);
    }

    [Fact]
    public void A_header_is_shown_without_what_a_terminal_might_obey()
    {
        var data = RawSRecord.Record(1, 0, 1) + RawSRecord.End;
        Assert.Equal("a?[31mb", Parse(RawSRecord.Record(0, 0, [.. "a\u001b[31mb  "u8, 0, 0]) + data).Header);
        Assert.Equal("first", Parse(RawSRecord.Record(0, 7, "first"u8.ToArray()) + RawSRecord.Record(0, 0, "second"u8.ToArray()) + data).Header);
        Assert.Null(Parse(RawSRecord.Record(0, 0, 0, 0x20) + data).Header);
        Assert.Null(Parse(data).Header);
    }

    [Fact]
    public void A_count_of_records_has_to_be_right()
    {
        var data = RawSRecord.Record(0, 0) + RawSRecord.Record(1, 0, 1) + RawSRecord.Record(1, 1, 2);
        foreach (var type in new[] { 5, 6 })
        {
            Assert.Empty(Parse(data + RawSRecord.Record(type, 2) + RawSRecord.End).Warnings);
            var refused = Assert.Throws<FirmwareFormatException>(() => Parse(data + RawSRecord.Record(type, 3) + RawSRecord.End, ~FileAllowances.Eof));
            Assert.Equal(
                (FirmwareFormatErrorKind.Eof, "line 4: the file counts 3 data records here, but 2 came before", (int?)4, "2"),
                (refused.Kind, refused.Message, refused.Line, refused.Expected));
            Assert.Equal([refused.Message], Parse(data + RawSRecord.Record(type, 3) + RawSRecord.End, FileAllowances.Eof).Warnings);
        }

        var many = string.Concat(Enumerable.Repeat(RawSRecord.Record(1, 0, 1), 0x1_0002));
        Assert.Empty(Parse(many + RawSRecord.Record(5, 2) + RawSRecord.End).Warnings);
        Assert.Equal(FirmwareFormatErrorKind.Eof, Assert.Throws<FirmwareFormatException>(() => Parse(many + RawSRecord.Record(6, 2))).Kind);
    }

    [Fact]
    public void A_file_without_its_end_is_refused_unless_its_count_is_right_or_that_is_let_pass()
    {
        var data = RawSRecord.Record(1, 0, 1) + RawSRecord.Record(1, 1, 2);
        const string Missing = "the file ends at line 2 without the end record, so some of it is probably missing";
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(data + "\n", ~FileAllowances.Eof));
        Assert.Equal((FirmwareFormatErrorKind.Eof, Missing, (int?)2), (refused.Kind, refused.Message, refused.Line));
        Assert.Equal([Missing], Parse(data, FileAllowances.Eof).Warnings);
        Assert.Empty(Parse(data + RawSRecord.Record(5, 2)).Warnings);
        var more = RawSRecord.Record(1, 2, 3);
        Assert.Throws<FirmwareFormatException>(() => Parse(data + RawSRecord.Record(5, 2) + more));
        Assert.Throws<FirmwareFormatException>(() => Parse(data + RawSRecord.Record(5, 2) + string.Concat(Enumerable.Repeat(more, 200))));
    }

    [Fact]
    public void Records_behind_the_end_are_refused_or_taken_as_another_file()
    {
        var text = RawSRecord.Record(1, 0, 1) + RawSRecord.End + RawSRecord.Record(1, 9, 2) + RawSRecord.Record(5, 1) + RawSRecord.End;
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(text, ~FileAllowances.Eof));
        Assert.Equal(
            (FirmwareFormatErrorKind.Eof, "line 3: the file goes on after the end record in line 2", (int?)3),
            (refused.Kind, refused.Message, refused.Line));
        var file = Parse(text, FileAllowances.Eof);
        Assert.Equal([$"{refused.Message}; what follows is taken in, as another file behind the first"], file.Warnings);
        Assert.Equal([(0u, "01"), (9u, "02")], Segments(file));
    }

    [Fact]
    public void Junk_behind_the_end_is_refused_unless_it_is_let_pass()
    {
        var text = RawSRecord.Record(1, 0, 1) + RawSRecord.End + "S1 is not a record";
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(text, ~FileAllowances.Trailing));
        Assert.Equal(
            (FirmwareFormatErrorKind.Trailing, "line 3: 'S' follows the end record in line 2, where nothing belongs"), (refused.Kind, refused.Message));
        Assert.Equal([$"{refused.Message}; it is ignored, with all that follows it"], Parse(text, FileAllowances.Trailing).Warnings);
    }

    [Fact]
    public void A_wrong_checksum_is_let_pass_with_a_warning()
    {
        var text = RawSRecord.Record(1, 0, 1).Replace("FA\n", "FB\n", StringComparison.Ordinal) + RawSRecord.End;
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(text, ~FileAllowances.Crc));
        Assert.Equal(
            (FirmwareFormatErrorKind.Crc, "line 1: the checksum is FB, but the record's bytes give FA", "FA"),
            (refused.Kind, refused.Message, refused.Expected));
        var file = Parse(text, FileAllowances.Crc);
        Assert.Equal([refused.Message], file.Warnings);
        Assert.Equal([(0u, "01")], Segments(file));
    }

    [Theory]
    [InlineData("S1040000\n", "cut short: its length byte 0x04 means 10 digits, but it has 6")]
    [InlineData("S104000001F\n", "9 digits, an odd number")]
    [InlineData("S1", "no digits")]
    [InlineData("S", "a record starts with 'S' and a digit, but this line with 'S'")]
    [InlineData(":0100000001FE", "but this line with ':'")]
    [InlineData("S10400000GFA\n", "'G' in column 10 is no hexadecimal digit")]
    [InlineData("S1040000\u0001", "the byte 0x01 in column 9")]
    [InlineData("S104000001FA00\n", "goes on after its checksum: its length byte 0x04 means 10 digits")]
    [InlineData("S104000001FA ;note\n", "';' follows the record's checksum")]
    [InlineData("S4030000FC\n", "S4, which is reserved")]
    [InlineData("S10200FD\n", "an S1 record's length byte is 03 or more, but this one's is 02")]
    [InlineData("S3040000 \n", "cut short: its length byte 0x04 means 10 digits")]
    [InlineData("S304000000FB\n", "an S3 record's length byte is 05 or more, but this one's is 04")]
    [InlineData("S90400000000\n", "checksum is 00, but the record's bytes give FB")]
    [InlineData("S904000000FB\n", "an S9 record's length byte is 03, but this one's is 04")]
    [InlineData("S504000000FB\n", "an S5 record's length byte is 03, but this one's is 04")]
    [InlineData("S000FF\n", "an S0 record's length byte is 03 or more, but this one's is 00")]
    [InlineData("S307FFFFFFFF0102F9\n", "2 bytes from 0xFFFFFFFF would end past 0xFFFFFFFF")]
    public void What_breaks_the_format_is_refused_with_its_line(string line, string expected)
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => Parse(RawSRecord.Record(1, 0, 1) + "\r\n" + line));
        Assert.StartsWith("line 3: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, refused.Line);
        Assert.InRange(refused.Offset!.Value, 15, 30);
        Assert.NotNull(refused.Remedy);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        var text = RawSRecord.Record(0, 0, 1, 2) + RawSRecord.Record(3, 0, 1, 2, 3) + RawSRecord.Record(7, 0x0800_0009).TrimEnd();
        for (var length = 11; length < text.Length; length++)
        {
            var refused = Assert.Throws<FirmwareFormatException>(() => Parse(text[..length]));
            Assert.Equal(text[..length].TrimEnd('\n').Count(x => x == '\n') + 1, refused.Line);
        }

        Assert.Equal(3, Parse(text).Image.ByteCount);
    }

    [Fact]
    public void Records_that_disagree_are_refused_with_their_lines()
    {
        var conflict = Assert.Throws<ImageConflictException>(() => Parse(
            RawSRecord.Record(1, 0, 1, 2, 3, 4) + RawSRecord.Record(2, 4, 5, 6) + RawSRecord.Record(3, 5, 6) + RawSRecord.Record(1, 4, 5, 7) + RawSRecord.End));
        Assert.Equal("0x00000004-0x00000005 (line 2) and 0x00000004-0x00000005 (line 4) disagree at 0x00000005: 0x06 and 0x07", conflict.Message);
    }

    [Fact]
    public void A_file_without_data_is_refused() =>
        Assert.Contains(
            "holds no bytes",
            Assert.Throws<FirmwareFormatException>(() => Parse(RawSRecord.Record(0, 0, 1) + RawSRecord.Record(1, 5) + RawSRecord.End)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Writing_asks_for_something_to_write_and_a_sensible_record_and_header()
    {
        var image = FirmwareImage.FromBytes(0, [1]);
        Assert.Throws<ArgumentException>(() => SRecordFormat.Write(FirmwareImage.Empty));
        Assert.Throws<ArgumentOutOfRangeException>(() => SRecordFormat.Write(image, null, null, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SRecordFormat.Write(image, null, null, 251));
        Assert.Throws<ArgumentException>(() => SRecordFormat.Write(image, new string('x', 253)));
        Assert.Throws<ArgumentException>(() => SRecordFormat.Write(image, "a\nb"));
        Assert.Equal(252, FirmwareFile.Parse(SRecordFormat.Write(image, new string('x', 252))).Header!.Length);
    }

    // A third of the images as low as S1 and S2 reach.
    private static FirmwareImage Near(Random random, FirmwareImage image)
    {
        if (random.Next(3) > 0)
        {
            return image;
        }

        var builder = new FirmwareImageBuilder();
        foreach (var segment in image.Segments.Where(x => x.Range.End <= 0x1_0000))
        {
            builder.Add(segment.Range.Start << (random.Next(2) * 4), segment.Data.Span);
            break;
        }

        return builder.ByteCount == 0 ? image : builder.Build();
    }

    private static FirmwareFile Parse(string text, FileAllowances allow = FileAllowances.None) =>
        FirmwareFile.Parse(Encoding.Latin1.GetBytes(text), new FirmwareReadOptions { Format = FirmwareFormat.SRecord, Allow = allow });

    private static IEnumerable<(uint Address, string Data)> Segments(FirmwareFile file) =>
        file.Image.Segments.Select(x => (x.Range.Start, Convert.ToHexString(x.Data.Span)));
}
