using System.Text;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

public class DfuSeTests
{
    private static readonly byte[] Image = RawDfuSe.SampleImage;

    [Fact]
    public void What_is_written_reads_back_equal()
    {
        var random = new Random(10);
        for (var i = 0; i < 400; i++)
        {
            var image = i == 0 ? RandomImages.BothEnds() : RandomImages.Sparse(random);
            var options = new DfuSeWriteOptions
            {
                VendorId = (ushort)random.Next(0x10000),
                ProductId = (ushort)random.Next(0x10000),
                DeviceRelease = (ushort)random.Next(0x10000),
                AlternateSetting = (byte)random.Next(256),
                TargetName = random.Next(2) == 0 ? null : new string('ä', random.Next(1, 128)),
            };
            var file = FirmwareFile.Parse(DfuSeFormat.Write(image, options));
            Assert.Equal(FirmwareFormat.DfuSe, file.Format);
            Assert.Equal(image, file.Image);
            Assert.False(file.NeedsAddress);
            Assert.Empty(file.Warnings);
            Assert.True(file.Suffix!.CrcIsValid);
            Assert.Equal((options.VendorId, options.ProductId, options.DeviceRelease, (ushort)0x011A),
                (file.Suffix.VendorId, file.Suffix.ProductId, file.Suffix.DeviceRelease, file.Suffix.DfuVersion));
            var target = Assert.Single(file.Targets);
            Assert.Equal((options.AlternateSetting, options.TargetName), (target.AlternateSetting, target.Name));
            Assert.Equal(image.Segments.Select(x => x.Range), target.Elements);
        }
    }

    [Fact]
    public void The_sample_with_one_element_is_written_byte_for_byte_with_its_known_CRC()
    {
        var expected = new RawDfuSe().Target(0, "sample", [RawDfuSe.Element(0x0800_0000, Image)]).Bytes();
        var written = DfuSeFormat.Write(FirmwareImage.FromBytes(0x0800_0000, Image), new DfuSeWriteOptions { TargetName = "sample" });
        Assert.Equal(expected, written);
        Assert.Equal(0x6BE1_DA5Fu, BitConverter.ToUInt32(written, written.Length - 4));
    }

    [Fact]
    public void The_sample_with_two_elements_opens_with_its_known_CRC()
    {
        var file = FirmwareFile.Parse(new RawDfuSe().Target(0, "sample",
            [RawDfuSe.Element(0x0800_0000, Image), RawDfuSe.Element(0x0802_0000, [.. Enumerable.Repeat((byte)0xAA, 33)])]).Bytes());
        Assert.Equal(0xF57D_CEA1u, file.Suffix!.StoredCrc);
        Assert.Equal([new AddressRange(0x0800_0000, 24), new AddressRange(0x0802_0000, 33)], file.Targets[0].Elements);
        Assert.Equal(57, file.Image.ByteCount);
    }

    [Fact]
    public void The_sample_with_two_targets_opens_as_one_image_with_its_known_CRC()
    {
        var file = FirmwareFile.Parse(new RawDfuSe().Target(0, "flash", [RawDfuSe.Element(0x0800_0000, Image)])
            .Target(1, "opt", [RawDfuSe.Element(0x1FFF_C000, new byte[16])]).Bytes());
        Assert.Equal(0x81F9_3A0Du, file.Suffix!.StoredCrc);
        Assert.Equal(["flash", "opt"], file.Targets.Select(x => x.Name));
        Assert.Equal([0, 1], file.Targets.Select(x => (int)x.AlternateSetting));
        Assert.Equal([new AddressRange(0x0800_0000, 24), new AddressRange(0x1FFF_C000, 16)], file.Image.Segments.Select(x => x.Range));
    }

    [Fact]
    public void A_wrong_CRC_is_refused_and_taken_when_that_is_allowed()
    {
        var bytes = new RawDfuSe().Target(0, "", [RawDfuSe.Element(0x0800_0000, Image)]).Bytes();
        bytes[300] ^= 1;
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
        Assert.Equal(FirmwareFormatErrorKind.Crc, refused.Kind);
        Assert.Equal(bytes.Length - 4, refused.Offset);
        Assert.Contains($"0x{RawDfuSe.Crc(bytes.AsSpan(0, bytes.Length - 4)):X8}", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Remedy);
        var file = FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Crc });
        Assert.False(file.Suffix!.CrcIsValid);
        Assert.Contains("CRC", Assert.Single(file.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_suffix_is_refused_and_taken_when_that_is_allowed()
    {
        var bytes = new RawDfuSe().Target(0, "", [RawDfuSe.Element(0x0800_0000, Image)]).WithoutSuffix();
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
        Assert.Equal(FirmwareFormatErrorKind.Crc, refused.Kind);
        Assert.Contains("no DFU suffix", refused.Message, StringComparison.Ordinal);
        var file = FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Crc });
        Assert.Null(file.Suffix);
        Assert.Equal(24, file.Image.ByteCount);
        Assert.Contains("no CRC", Assert.Single(file.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(0, 700)]
    [InlineData(3, 0)]
    [InlineData(20, 0)]
    public void Bytes_that_belong_to_nothing_are_refused_and_left_out_when_that_is_allowed(int before, int after)
    {
        byte[] bytes =
        [
            .. new RawDfuSe { Leftover = new byte[before] }.Target(0, "", [RawDfuSe.Element(0x0800_0000, Image)]).Bytes(), .. new byte[after],
        ];
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
        Assert.Equal(FirmwareFormatErrorKind.Trailing, refused.Kind);
        Assert.Equal(11 + 274 + 8 + 24 + (after > 0 ? 16 : 0), refused.Offset);
        var file = FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Trailing });
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, Image), file.Image);
        Assert.True(file.Suffix!.CrcIsValid);
        Assert.Contains($"{before + after} bytes after the last element", Assert.Single(file.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_CRC_that_bytes_after_it_hide_is_checked_all_the_same()
    {
        byte[] bytes = [.. new RawDfuSe().Target(0, "", [RawDfuSe.Element(0x0800_0000, Image)]).Bytes(), 0, 0];
        bytes[300] ^= 1;
        var refused = Assert.Throws<FirmwareFormatException>(
            () => FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Trailing }));
        Assert.Equal((FirmwareFormatErrorKind.Crc, bytes.Length - 6), (refused.Kind, (int)refused.Offset!));
        Assert.Equal(2, FirmwareFile.Parse(
            bytes, new FirmwareReadOptions { Allow = FileAllowances.Trailing | FileAllowances.Crc }).Warnings.Length);
    }

    [Fact]
    public void A_suffix_that_is_cut_off_is_a_missing_one()
    {
        var bytes = new RawDfuSe().Target(0, "", [RawDfuSe.Element(0x0800_0000, Image)]).Bytes();
        for (var cut = 1; cut <= 16; cut++)
        {
            var rest = bytes[..^cut];
            Assert.Equal(FirmwareFormatErrorKind.Crc, Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(rest)).Kind);
            Assert.Equal(24, FirmwareFile.Parse(rest, new FirmwareReadOptions { Allow = FileAllowances.Crc }).Image.ByteCount);
        }
    }

    [Fact]
    public void A_truncated_file_is_called_that_at_every_length()
    {
        var bytes = new RawDfuSe().Target(0, "a", [RawDfuSe.Element(0x0800_0000, Image), RawDfuSe.Element(0x0900_0000, Image)]).Bytes();
        for (var length = 5; length < bytes.Length; length++)
        {
            var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes.AsMemory(0, length)));
            Assert.NotNull(refused.Offset);
            Assert.Contains("offset 0x", refused.Message, StringComparison.Ordinal);
            if (length < bytes.Length - 16)
            {
                Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
            }
        }
    }

    [Fact]
    public void Tolerable_oddities_become_warnings_with_their_offsets()
    {
        var elements = new[] { RawDfuSe.Element(0x0800_0000, Image), RawDfuSe.Element(0x0900_0000, []) };
        AssertWarns("offset 0x115: target 0 says that it takes 99 bytes, but its elements take 40",
            new RawDfuSe().Target(0, "", elements, size: 99));
        AssertWarns("offset 0x13D: element 1 of target 0 is empty", new RawDfuSe().Target(0, "", elements));
        AssertWarns("the suffix names DFU version 0x0100, where DfuSe files have 0x011A",
            new RawDfuSe { DfuVersion = 0x0100 }.Target(0, "", elements));
        AssertWarns("the suffix says that it takes 20 bytes, not 16", new RawDfuSe { SuffixLength = 20 }.Target(0, "", elements));

        static void AssertWarns(string expected, RawDfuSe raw)
        {
            var file = FirmwareFile.Parse(raw.Bytes());
            Assert.Contains(file.Warnings, x => x.Contains(expected, StringComparison.Ordinal));
            Assert.Equal(24, file.Image.ByteCount);
            Assert.Equal([new AddressRange(0x0800_0000, 24)], file.Targets[0].Elements);
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0xFFFF_FFFFu)]
    [InlineData(310u)]
    public void A_wrong_DFUImageSize_is_nothing_to_speak_of(uint size) =>
        Assert.Empty(FirmwareFile.Parse(new RawDfuSe { ImageSize = size }.Target(0, "", [RawDfuSe.Element(0, Image)]).Bytes()).Warnings);

    [Fact]
    public void What_breaks_the_format_is_refused_with_its_offset()
    {
        var element = RawDfuSe.Element(0x0800_0000, Image);
        AssertRefused("no target", 10, new RawDfuSe());
        AssertRefused("version 2", 5, new RawDfuSe { Version = 2 }.Target(0, "", [element]));
        AssertRefused("target 0 does not start with \"Target\" at offset 0xB", 11, new RawDfuSe().Target(0, "", [element], magic: "Tarrget"[..6]));
        AssertRefused("target 1's header at offset 0x13D takes 274 bytes, but only 0 are left", 317,
            new RawDfuSe { TargetCount = 2 }.Target(0, "", [element]));
        AssertRefused("element 0 of target 0 at offset 0x11D takes 4294967295 bytes, but only 24 are left", 289,
            new RawDfuSe().Target(0, "", [RawDfuSe.Element(0, Image, 0xFFFF_FFFF)]));
        AssertRefused("target 0 announces 4294967295 elements", 317, new RawDfuSe().Target(0, "", [element], count: 0xFFFF_FFFF));
        AssertRefused("24 bytes from 0xFFFFFFF0, would end past 0xFFFFFFFF", 285,
            new RawDfuSe().Target(0, "", [RawDfuSe.Element(0xFFFF_FFF0, Image)]));
        AssertRefused("25 bytes from 0xFFFFFFE8, would end past 0xFFFFFFFF", 285,
            new RawDfuSe().Target(0, "", [RawDfuSe.Element(0xFFFF_FFE8, [.. Image, 0])]));
        AssertRefused("element 0 of target 0 at offset 0x11D takes 25 bytes, but only 24 are left", 289,
            new RawDfuSe().Target(0, "", [RawDfuSe.Element(0x0800_0000, Image, 25)]));
        AssertRefused("holds no bytes", null, new RawDfuSe().Target(0, "", []));

        static void AssertRefused(string expected, long? offset, RawDfuSe raw)
        {
            var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(raw.Bytes()));
            Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
            Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
            Assert.Equal(offset, refused.Offset);
            Assert.NotNull(refused.Remedy);
        }
    }

    [Fact]
    public void Elements_up_to_the_last_address_open() =>
        Assert.Equal(0xFFFF_FFFFu, FirmwareFile.Parse(
            new RawDfuSe().Target(0, "", [RawDfuSe.Element(0xFFFF_FFE8, Image)]).Bytes()).Image.Extent!.Value.Last);

    [Fact]
    public void Elements_that_disagree_are_refused_with_both_named()
    {
        var other = Image.ToArray();
        other[8] ^= 0x55;
        var conflict = Assert.Throws<ImageConflictException>(() => FirmwareFile.Parse(new RawDfuSe()
            .Target(0, "", [RawDfuSe.Element(0x0800_0018, Image), RawDfuSe.Element(0x0800_0000, Image)])
            .Target(1, "", [RawDfuSe.Element(0x0800_0000, other)]).Bytes()));
        Assert.Equal(
            "0x08000000-0x08000017 (element 1 of target 0, offset 0x13D) and 0x08000000-0x08000017 (element 0 of target 1, offset 0x26F) "
            + "disagree at 0x08000008: 0x11 and 0x44",
            conflict.Message);
        Assert.Equal(0x0800_0008u, conflict.Address);
    }

    [Fact]
    public void Targets_that_agree_share_their_bytes() =>
        Assert.Equal(24, FirmwareFile.Parse(new RawDfuSe()
            .Target(0, "", [RawDfuSe.Element(0x0800_0000, Image)])
            .Target(1, "", [RawDfuSe.Element(0x0800_0000, Image)]).Bytes()).Image.ByteCount);

    [Fact]
    public void A_name_counts_only_if_the_target_is_named_and_cannot_command_a_terminal()
    {
        Assert.Null(Name("left over", named: 0));
        Assert.Null(Name("", named: 1));
        Assert.Equal("ST...", Name("ST...", named: 0x100));
        Assert.Equal(new string('x', 255), Name(new string('x', 255), named: 1));
        Assert.Equal("a?[31mb", Name("a\u001b[31mb", named: 1));
        Assert.Equal("Gerät", Name("Gerät", named: 1));

        static string? Name(string name, uint named) =>
            FirmwareFile.Parse(new RawDfuSe().Target(0, name, [RawDfuSe.Element(0, Image)], named).Bytes()).Targets[0].Name;
    }

    [Fact]
    public void A_target_name_that_does_not_fit_is_misuse()
    {
        var image = FirmwareImage.FromBytes(0, [1]);
        Assert.Throws<ArgumentException>(() => DfuSeFormat.Write(image, new DfuSeWriteOptions { TargetName = new string('x', 255) }));
        Assert.Throws<ArgumentException>(() => DfuSeFormat.Write(image, new DfuSeWriteOptions { TargetName = "a\0b" }));
        Assert.Throws<ArgumentException>(() => DfuSeFormat.Write(FirmwareImage.Empty));
        Assert.Equal(254, FirmwareFile.Parse(DfuSeFormat.Write(image, new DfuSeWriteOptions { TargetName = new string('x', 254) }))
            .Targets[0].Name!.Length);
    }

    [Fact]
    public void The_CRC_is_the_one_of_the_documents_at_every_length()
    {
        var random = new Random(11);
        for (var length = 1; length < 60; length++)
        {
            var file = DfuSeFormat.Write(FirmwareImage.FromBytes(0, RandomImages.Bytes(random, length)));
            Assert.Equal(RawDfuSe.Crc(file.AsSpan(0, file.Length - 4)), BitConverter.ToUInt32(file, file.Length - 4));
        }

        // The check value that catalogues of CRCs give for this one, without the last inversion.
        Assert.Equal(~0xCBF4_3926u, RawDfuSe.Crc("123456789"u8));
    }

    [Fact]
    public void An_address_cannot_be_given_to_a_file_that_has_its_own() =>
        Assert.Throws<InvalidOperationException>(() => FirmwareFile.Parse(DfuSeFormat.Write(FirmwareImage.FromBytes(0, [1]))).At(0x0800_0000));

    [Fact]
    public void A_file_that_is_no_DfuSe_is_refused_when_DfuSe_is_asked_for()
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(
            new byte[] { 0, 0, 2, 32 }, new FirmwareReadOptions { Format = FirmwareFormat.DfuSe }));
        Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
        Assert.Equal("\"DfuSe\"", refused.Expected);
        Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(Encoding.ASCII.GetBytes("DfuSe")));
    }
}
