using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

public class DfuTests
{
    private static readonly byte[] Image = RawDfuSe.SampleImage;

    private static RawDfuSe Raw { get; } = new() { Vendor = 0x1D50, Product = 0x6089, Device = 3, DfuVersion = 0x0100 };

    [Fact]
    public void What_is_written_reads_back_equal_with_its_gaps_filled()
    {
        var random = new Random(80);
        for (var i = 0; i < 200; i++)
        {
            var start = (uint)random.Next();
            var builder = new FirmwareImageBuilder();
            builder.Add(start, RandomImages.Bytes(random, random.Next(1, 300)));
            builder.Add(start + 1000, RandomImages.Bytes(random, random.Next(1, 300)));
            var image = builder.Build();
            var options = new DfuSeWriteOptions
            {
                VendorId = (ushort)random.Next(0x10000), ProductId = (ushort)random.Next(0x10000), DeviceRelease = (ushort)random.Next(0x10000),
            };
            var fill = (byte)random.Next(256);
            var file = FirmwareFile.Parse(DfuFormat.Write(image, options, fill));
            Assert.Equal(FirmwareFormat.Dfu, file.Format);
            Assert.True(file.NeedsAddress);
            Assert.Empty(file.Warnings);
            Assert.Equal(
                (options.VendorId, options.ProductId, options.DeviceRelease, (ushort)0x0100, true),
                (file.Suffix!.VendorId, file.Suffix.ProductId, file.Suffix.DeviceRelease, file.Suffix.DfuVersion, file.Suffix.CrcIsValid));
            Assert.Equal(FirmwareImage.FromBytes(0, BinaryFormat.Write(image, fill)), file.Image);
        }
    }

    [Fact]
    public void It_is_placed_where_one_says_and_stays_what_it_is()
    {
        var file = FirmwareFile.Parse(Raw.WithSuffix(Image));
        var placed = file.At(0x0800_0000);
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, Image), placed.Image);
        Assert.Equal(FirmwareImage.FromBytes(0, Image), file.Image);
        Assert.Equal((FirmwareFormat.Dfu, false, file.Suffix), (placed.Format, placed.NeedsAddress, placed.Suffix));
        Assert.True(file.NeedsAddress);
        Assert.Equal(FirmwareImage.FromBytes(0xFFFF_FFE8, Image), placed.At(0xFFFF_FFE8).Image);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.At(0xFFFF_FFE9));
    }

    [Fact]
    public void A_wrong_CRC_is_refused_and_taken_when_that_is_allowed()
    {
        var bytes = Raw.WithSuffix(Image);
        bytes[3] ^= 1;
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
        Assert.Equal((FirmwareFormatErrorKind.Crc, bytes.Length - 4), (refused.Kind, (int)refused.Offset!));
        var file = FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Crc });
        Assert.False(file.Suffix!.CrcIsValid);
        Assert.Contains("CRC", Assert.Single(file.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x0100, true)]
    [InlineData(0x0101, true)]
    [InlineData(0x0110, true)]
    [InlineData(0x0200, false)]
    [InlineData(0x0000, false)]
    public void Three_letters_alone_make_no_suffix(int version, bool isSuffix)
    {
        var bytes = new RawDfuSe { DfuVersion = (ushort)version }.WithSuffix(Image);
        Assert.Equal(isSuffix ? FirmwareFormat.Dfu : FirmwareFormat.Binary, FirmwareFile.Parse(bytes).Format);
    }

    [Fact]
    public void A_longer_suffix_is_left_out_whole()
    {
        var file = FirmwareFile.Parse(new RawDfuSe { DfuVersion = 0x0100, SuffixLength = 20 }.WithSuffix(Image));
        Assert.Equal(FirmwareImage.FromBytes(0, Image), file.Image);
        Assert.Contains("takes 20 bytes, not 16", Assert.Single(file.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prefix_for_TI_gives_the_address()
    {
        var file = FirmwareFile.Parse(Raw.WithSuffix([1, 0, 0x08, 0, 24, 0, 0, 0, .. Image]));
        Assert.Equal(FirmwareImage.FromBytes(0x2000, Image), file.Image);
        Assert.False(file.NeedsAddress);
        Assert.Contains("TI's Stellaris", Assert.Single(file.Warnings), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => file.At(0));
        Assert.Equal(32, FirmwareFile.Parse(Raw.WithSuffix([1, 0, 0x08, 0, 25, 0, 0, 0, .. Image])).Image.ByteCount);
    }

    [Fact]
    public void A_prefix_for_NXP_is_left_out()
    {
        byte[] prefix = [0xDA, 0xFF, 1, 0, .. Enumerable.Repeat((byte)0xFF, 12)];
        var file = FirmwareFile.Parse(Raw.WithSuffix([.. prefix, .. Image]));
        Assert.Equal(FirmwareImage.FromBytes(0, Image), file.Image);
        Assert.True(file.NeedsAddress);
        Assert.Contains("NXP's LPC", Assert.Single(file.Warnings), StringComparison.Ordinal);
        prefix[15] = 0;
        Assert.Equal(40, FirmwareFile.Parse(Raw.WithSuffix([.. prefix, .. Image])).Image.ByteCount);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 0, 8, 0, 0, 0, 0, 0 })]
    public void A_suffix_of_nothing_is_refused(byte[] bytes)
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(Raw.WithSuffix(bytes)));
        Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
        Assert.Contains("no bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_suffix_is_refused_when_a_DFU_file_is_asked_for()
    {
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(
            Image, new FirmwareReadOptions { Format = FirmwareFormat.Dfu }));
        Assert.Equal(FirmwareFormatErrorKind.Malformed, refused.Kind);
        Assert.Throws<ArgumentException>(() => DfuFormat.Write(FirmwareImage.Empty));
    }
}
