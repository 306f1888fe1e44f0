using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

public class ArchiveTests
{
    private static readonly FirmwareImage Image = FirmwareImage.FromBytes(0x0800_0000, RawDfuSe.SampleImage);

    private static readonly byte[] Dfu = DfuSeFormat.Write(Image);

    private static readonly byte[] Hex = IntelHexFormat.Write(Image);

    private static readonly byte[] Note = "Hold BOOT0 while you plug it in.\n"u8.ToArray();

    [Fact]
    public void The_one_firmware_file_of_a_zip_opens_as_if_it_were_alone()
    {
        foreach (var level in new[] { CompressionLevel.Optimal, CompressionLevel.NoCompression })
        {
            var file = FirmwareFile.Parse(Zip(level, ("README", Note), ("doc/", []), ("a/firmware.json", "{\"a\": 1}"u8.ToArray()),
                ("out/board.dfu", Dfu), ("__MACOSX/._board.bin", [0, 5, 22, 7, 0]), ("LICENSE", Note), ("main.py", Note), ("x/.DS_Store", DfuFormat.Write(Image))));
            Assert.Equal((FirmwareFormat.DfuSe, Image), (file.Format, file.Image));
            Assert.Equal(new FirmwareContainer(ArchiveKind.Zip, "out/board.dfu", Dfu.Length), file.Container);
            Assert.Single(file.Targets);
            Assert.Empty(file.Warnings);
        }
    }

    [Fact]
    public void Raw_bytes_are_firmware_by_their_name_or_where_they_are_alone()
    {
        byte[] raw = [0, 0, 2, 32, 9, 0, 0, 8, 0xFF, 0xFE];
        byte[] other = [1, 2, 3, 0xFF];
        var file = FirmwareFile.Parse(Zip(("notes.dat", other), ("app.BIN", raw)));
        Assert.Equal((FirmwareFormat.Binary, true, "app.BIN"), (file.Format, file.NeedsAddress, file.Container!.MemberName));
        var placed = file.At(0x0800_0000);
        Assert.Equal((FirmwareImage.FromBytes(0x0800_0000, raw), file.Container), (placed.Image, placed.Container));
        Assert.Equal("whatever", FirmwareFile.Parse(Zip(("whatever", raw))).Container!.MemberName);
        Assert.Contains("no firmware file in it, only notes.dat, x.dat", Refusal(Zip(("notes.dat", other), ("x.dat", raw))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_web_page_called_bin_is_no_firmware() =>
        Assert.Equal("app.hex", FirmwareFile.Parse(Zip(("app.bin", "<html>not found</html>"u8.ToArray()), ("app.hex", Hex))).Container!.MemberName);

    [Fact]
    public void Every_format_opens_inside()
    {
        var elf = new RawElf().Segment(0x0800_0000, RawDfuSe.SampleImage).Bytes();
        foreach (var bytes in new[] { Dfu, Hex, elf, DfuFormat.Write(Image), Uf2Format.Write(Image, RawUf2.Stm32F7) })
        {
            var alone = FirmwareFile.Parse(bytes);
            foreach (var archive in new[] { Zip(("note.txt", Note), ("x", bytes)), Gzip(bytes) })
            {
                var file = FirmwareFile.Parse(archive);
                Assert.Equal((alone.Format, alone.Image, bytes.Length), (file.Format, file.Image, (int)file.Container!.MemberSize));
            }
        }

        Assert.Null(FirmwareFile.Parse(Dfu).Container);
    }

    [Fact]
    public void A_gzip_file_opens_with_its_name_and_without()
    {
        Assert.Equal(new FirmwareContainer(ArchiveKind.Gzip, null, Dfu.Length), FirmwareFile.Parse(Gzip(Dfu)).Container);
        byte[] named = [0x1F, 0x8B, 8, 0x1E, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, .. "bo\u001bard.dfu\0"u8, .. "comment\0"u8, 0xAB, 0xCD, .. Gzip(Dfu)[10..]];
        var file = FirmwareFile.Parse(named);
        Assert.Equal(Image, file.Image);
        Assert.Equal("bo?ard.dfu", file.Container!.MemberName);
        for (var length = 3; length < named.Length; length++)
        {
            var refused = Refusal(named[..length]);
            Assert.Contains("gzip archive", refused.Message, StringComparison.Ordinal);
            Assert.Equal(length < named.Length - 8 ? FirmwareFormatErrorKind.Malformed : FirmwareFormatErrorKind.Crc, refused.Kind);
        }
    }

    [Fact]
    public void A_wrong_CRC_is_refused_and_taken_when_that_is_allowed()
    {
        var zip = Zip(CompressionLevel.NoCompression, ("a.dfu", Dfu));
        zip[40 + 6 + 20] ^= 1;
        Assert.Equal(FirmwareFormatErrorKind.Crc, Refusal(zip).Kind);
        Assert.StartsWith("the CRC of a.dfu in the zip archive is", Refusal(zip).Message, StringComparison.Ordinal);
        var gzip = Gzip(Dfu);
        gzip[^8] ^= 1;
        Assert.Equal(FirmwareFormatErrorKind.Crc, Refusal(gzip).Kind);
        Assert.Equal(FirmwareFormatErrorKind.Crc, Refusal([.. Gzip(Dfu)[..^1], 1]).Kind);
        var file = FirmwareFile.Parse(gzip, new FirmwareReadOptions { Allow = FileAllowances.Crc });
        Assert.Equal(Image, file.Image);
        Assert.Contains("CRC", Assert.Single(file.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_after_a_gzip_file_are_refused_and_left_out_when_that_is_allowed()
    {
        byte[] bytes = [.. Gzip(Dfu), .. Gzip(Hex)];
        Assert.Equal((FirmwareFormatErrorKind.Trailing, Gzip(Dfu).Length), (Refusal(bytes).Kind, (int)Refusal(bytes).Offset!));
        Assert.Equal(Image, FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Trailing }).Image);
    }

    [Fact]
    public void Equal_members_of_a_gzip_file_hide_nothing_between_them()
    {
        byte[] bytes = [.. Gzip(Dfu), .. Gzip(Hex), .. Gzip(Dfu)];
        Assert.Equal((FirmwareFormatErrorKind.Trailing, Gzip(Dfu).Length), (Refusal(bytes).Kind, (int)Refusal(bytes).Offset!));
    }

    [Fact]
    public void Zeros_after_a_gzip_file_are_padding() =>
        Assert.Equal(Image, FirmwareFile.Parse(new byte[][] { Gzip(Dfu), new byte[512] }.SelectMany(x => x).ToArray()).Image);

    [Fact]
    public void What_macOS_puts_beside_a_file_is_no_firmware()
    {
        var twin = new byte[120];
        twin[1] = 5;
        var file = FirmwareFile.Parse(Zip(("fw/._fw.bin", twin), ("fw/fw.bin", [.. Enumerable.Range(0, 300).Select(x => (byte)(x % 251))])));
        Assert.Equal("fw/fw.bin", file.Container!.MemberName);
    }

    [Fact]
    public void Several_firmware_files_are_listed()
    {
        var refused = Refusal(Zip(("F4/board.dfu", Dfu), ("F7/\u001b]0;board.hex", Hex), ("readme.txt", Note)));
        Assert.Equal(FirmwareFormatErrorKind.Content, refused.Kind);
        Assert.Equal("the file is a zip archive with 2 firmware files in it: F4/board.dfu, F7/?]0;board.hex", refused.Message);
        Assert.Contains("unpack it", refused.Remedy, StringComparison.Ordinal);
        var many = Refusal(Zip([.. Enumerable.Range(0, 100).Select(i => ($"{new string('x', 300)}{i}.dfu", Dfu))]));
        Assert.InRange(many.Message.Length, 100, 400);
        Assert.EndsWith("… and 95 more", many.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_without_firmware_is_refused_and_taken_as_bytes_when_that_is_allowed()
    {
        foreach (var archive in new[] { Zip(("readme.txt", Note)), Zip(("empty.bin", [])), Zip(), Gzip(Zip(("a.dfu", Dfu))), Gzip(Gzip(Dfu)), Gzip(Tar()) })
        {
            Assert.Equal(FirmwareFormatErrorKind.Content, Refusal(archive).Kind);
            var file = FirmwareFile.Parse(archive, new FirmwareReadOptions { Allow = FileAllowances.Image });
            Assert.Equal((FirmwareFormat.Binary, archive.Length), (file.Format, (int)file.Image.ByteCount));
            Assert.Contains("archive", Assert.Single(file.Warnings), StringComparison.Ordinal);
        }

        Assert.Equal("the file is a gzip archive with a tar archive in it, not a firmware file", Refusal(Gzip(Tar())).Message);
        Assert.Equal("the file is a zip archive with no firmware file in it, only inner.zip", Refusal(Zip(("inner.zip", Zip(("a.dfu", Dfu))))).Message);

        static byte[] Tar() => [.. new byte[257], .. "ustar"u8, .. new byte[1000]];
    }

    [Fact]
    public void What_is_wrong_inside_is_told_with_the_place()
    {
        var text = Hex.ToArray();
        text[^3] = (byte)'0';
        var refused = Refusal(Zip(("note.txt", Note), ("x/board.hex", text)));
        Assert.StartsWith("in the archive's x/board.hex: ", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Line);
        var page = Refusal(Gzip("<html></html>"u8.ToArray()));
        Assert.StartsWith("inside the archive: the file is an HTML page", page.Message, StringComparison.Ordinal);
        Assert.Equal(FirmwareFormatErrorKind.Content, page.Kind);
    }

    [Fact]
    public void What_cannot_be_unpacked_is_named()
    {
        var encrypted = Zip(("a.dfu", Dfu));
        encrypted[Directory(encrypted) + 8] |= 1;
        Assert.Contains("whose file a.dfu is encrypted", Refusal(encrypted).Message, StringComparison.Ordinal);
        Assert.Equal(FirmwareFormatErrorKind.Content, Refusal(encrypted).Kind);
        var lzma = Zip(("a.dfu", Dfu));
        lzma[Directory(lzma) + 10] = 14;
        Assert.Contains("packed by the method LZMA", Refusal(lzma).Message, StringComparison.Ordinal);
        Assert.Equal(FirmwareFormatErrorKind.Content, Refusal(lzma).Kind);
    }

    [Fact]
    public void Damage_is_told()
    {
        var zip = Zip(("a.dfu", Dfu));
        for (var length = 4; length < zip.Length; length++)
        {
            Assert.Contains("cut off: the directory at its end is missing", Refusal(zip[..length]).Message, StringComparison.Ordinal);
        }

        AssertDamaged("entry 1 of 2 is not at", x => x[^12] = 2);
        AssertDamaged("announces 65535 files", x => (x[^12], x[^11]) = (0xFF, 0xFF));
        AssertDamaged("entry 0 of 1 is not at offset 0xFFFFFFFF", x => x.AsSpan(x.Length - 6, 4).Fill(0xFF));
        AssertDamaged("a.dfu is not at offset 0xFFFFFFFF", x => x.AsSpan(Directory(x) + 42, 4).Fill(0xFF));
        AssertDamaged("would take 4294967295 bytes", x => x.AsSpan(Directory(x) + 20, 4).Fill(0xFF));
        AssertDamaged("unpacks to more than", x => x.AsSpan(Directory(x) + 24, 4).Fill(0xFF));
        AssertDamaged("a.dfu cannot be unpacked", x => x[Directory(x) + 24]--);
        AssertDamaged("unpacks to 333 bytes, not to 334", x => x[Directory(x) + 24]++);
        AssertDamaged("cannot be unpacked", x => x[35] = 0xFF);
        AssertDamaged("cannot be unpacked", x => x[Directory(x) + 20] -= 9);

        void AssertDamaged(string words, Action<byte[]> damage)
        {
            var bytes = zip.ToArray();
            damage(bytes);
            Assert.Contains(words, Refusal(bytes).Message, StringComparison.Ordinal);
            Assert.Equal(FirmwareFormatErrorKind.Malformed, Refusal(bytes).Kind);
        }
    }

    [Fact]
    public void A_zips_end_is_found_before_a_comment_and_before_bytes_that_follow()
    {
        var zip = Zip(("a.dfu", Dfu));
        byte[] comment = [.. "PK"u8, 5, 6, .. new byte[18], .. "is not how it ends"u8];
        byte[] commented = [.. zip[..^2], (byte)comment.Length, 0, .. comment];
        Assert.Equal(Image, FirmwareFile.Parse(commented).Image);
        foreach (var bytes in new byte[][] { [.. zip, 0], [.. zip, .. new byte[512]], [.. commented, 1, 2] })
        {
            var refused = Refusal(bytes);
            Assert.Equal(FirmwareFormatErrorKind.Trailing, refused.Kind);
            var file = FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Trailing });
            Assert.Equal(Image, file.Image);
            Assert.Equal([refused.Message], file.Warnings);
        }
    }

    [Fact]
    public void Numbers_of_64_bits_are_read()
    {
        var zip = Zip(("a.dfu", Dfu));
        var directory = Directory(zip);
        var entry = zip[directory..^22];
        var (packed, size) = (BitConverter.ToUInt32(entry, 20), BitConverter.ToUInt32(entry, 24));
        byte[] extra = [9, 0, 2, 0, 1, 2, 1, 0, 24, 0, .. BitConverter.GetBytes((long)size), .. BitConverter.GetBytes((long)packed), .. BitConverter.GetBytes(0L)];
        entry.AsSpan(20, 8).Fill(0xFF);
        entry.AsSpan(42, 4).Fill(0xFF);
        entry[30] = (byte)extra.Length;
        var end = zip[^22..];
        end.AsSpan(8, 12).Fill(0xFF);
        byte[] wideEnd =
        [
            .. "PK"u8, 6, 6, .. BitConverter.GetBytes(44L), .. new byte[12], .. BitConverter.GetBytes(1L), .. BitConverter.GetBytes(1L),
            .. BitConverter.GetBytes((long)entry.Length + extra.Length), .. BitConverter.GetBytes((long)directory),
        ];
        byte[] locator = [.. "PK"u8, 6, 7, 0, 0, 0, 0, .. BitConverter.GetBytes((long)(directory + entry.Length + extra.Length)), 1, 0, 0, 0];
        Assert.Equal(Image, FirmwareFile.Parse((byte[])[.. zip[..directory], .. entry, .. extra, .. wideEnd, .. locator, .. end]).Image);
    }

    [Fact]
    public void Names_are_read_in_UTF_8() =>
        Assert.Equal("Gerät/größer.dfu", FirmwareFile.Parse(Zip(("Gerät/größer.dfu", Dfu))).Container!.MemberName);

    [Fact]
    public void An_archive_that_swells_beyond_all_measure_is_refused_before_it_fills_the_memory()
    {
        foreach (var bomb in new[] { Gzip(new byte[200 << 20]), Zip(("a.bin", new byte[40 << 20])), Zip([.. Enumerable.Range(0, 30).Select(i => ($"{i}", new byte[1 << 20]))]) })
        {
            var refused = Refusal(bomb);
            Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
            Assert.Contains("unpacks to more than", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_swells_honestly_opens()
    {
        var image = FirmwareImage.FromBytes(0x0800_0000, new byte[2 << 20]);
        Assert.Equal(image, FirmwareFile.Parse(Gzip(IntelHexFormat.Write(image))).Image);
    }

    [Fact]
    public void Who_knows_better_may_have_the_archive_itself()
    {
        var zip = Zip(("a.dfu", Dfu));
        var options = new FirmwareReadOptions { Format = FirmwareFormat.Binary, Allow = FileAllowances.Image };
        Assert.Equal(zip.Length, FirmwareFile.Parse(zip, options).Image.ByteCount);
        Assert.Equal(5, FirmwareFile.Parse(zip.AsMemory(0, 5), options).Image.ByteCount);
        Assert.Equal(Dfu.Length, FirmwareFile.Parse(zip, new FirmwareReadOptions { Format = FirmwareFormat.Binary }).Image.ByteCount);
    }

    internal static byte[] Zip(params (string Name, byte[] Bytes)[] members) => Zip(CompressionLevel.Optimal, members);

    internal static byte[] Zip(CompressionLevel level, params (string Name, byte[] Bytes)[] members)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in members)
            {
                using var member = archive.CreateEntry(name, level).Open();
                member.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    internal static byte[] Gzip(byte[] bytes)
    {
        var stream = new MemoryStream();
        using (var packer = new GZipStream(stream, CompressionLevel.Optimal))
        {
            packer.Write(bytes);
        }

        return stream.ToArray();
    }

    private static int Directory(byte[] zip) => (int)BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(zip.Length - 6));

    private static FirmwareFormatException Refusal(byte[] bytes) => Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
}
