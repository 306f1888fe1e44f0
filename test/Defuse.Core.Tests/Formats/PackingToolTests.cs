using System.Diagnostics;
using System.Globalization;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

/// <summary>Other people's programs pack and wrap what is opened here, and judge what is written here.</summary>
public sealed class PackingToolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("defuse-packing-").FullName;
    private readonly byte[] _bytes = RandomImages.Bytes(new Random(44), 5000);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Dfu_suffix_accepts_the_plain_DFU_files_that_are_written()
    {
        var program = TestFolders.Program("dfu-suffix");
        var file = Write("ours.dfu", DfuFormat.Write(FirmwareImage.FromBytes(0, _bytes), new DfuSeWriteOptions { ProductId = 0x1234 }));
        var output = TestFolders.Run(program, "-c", file);
        Assert.Contains("0x1234", output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("0x0100", output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("-s 0x2000", "TI's Stellaris", 0x2000u)]
    [InlineData("-L", "NXP's LPC", null)]
    [InlineData("", null, null)]
    public void What_dfu_prefix_and_dfu_suffix_put_around_bytes_is_taken_off(string prefix, string? maker, uint? address)
    {
        var suffixer = TestFolders.Program("dfu-suffix");
        var path = Write("theirs.dfu", _bytes);
        if (prefix.Length > 0)
        {
            TestFolders.Run(TestFolders.Program("dfu-prefix"), [.. prefix.Split(' '), "-a", path]);
        }

        TestFolders.Run(suffixer, "-v", "1d50", "-p", "6089", "-a", path);
        var file = FirmwareFile.Parse(File.ReadAllBytes(path));
        Assert.Equal(FirmwareImage.FromBytes(address ?? 0, _bytes), file.Image);
        Assert.Equal(address is null, file.NeedsAddress);
        Assert.Equal((0x1D50, 0x6089), (file.Suffix!.VendorId, file.Suffix.ProductId));
        Assert.Equal(maker is null ? 0 : 1, file.Warnings.Count(x => x.Contains(maker ?? "", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_gzip_packs_opens_under_its_name()
    {
        var program = TestFolders.Program("gzip");
        TestFolders.Run(program, "-9", Write("board.bin", _bytes));
        var file = FirmwareFile.Parse(File.ReadAllBytes(Path.Combine(_folder, "board.bin.gz")));
        Assert.Equal(FirmwareImage.FromBytes(0, _bytes), file.Image);
        Assert.Equal(new FirmwareContainer(ArchiveKind.Gzip, "board.bin", 5000), file.Container);
    }

    [Theory]
    [InlineData("-9")]
    [InlineData("-0")]
    [InlineData("-fz")]
    public void What_zip_packs_opens(string option)
    {
        var program = TestFolders.Program("zip");
        var archive = Path.Combine(_folder, "a.zip");
        TestFolders.Run(program, "-q", option, "-j", archive, Write("board.bin", _bytes), Write("readme.txt", "Read me, please."u8.ToArray()));
        Assert.Equal(FirmwareImage.FromBytes(0, _bytes), FirmwareFile.Parse(File.ReadAllBytes(archive)).Image);
    }

    [Fact]
    public void What_zip_encrypts_is_refused_by_that_name()
    {
        var program = TestFolders.Program("zip");
        var archive = Path.Combine(_folder, "a.zip");
        TestFolders.Run(program, "-q", "-P", "secret", "-j", archive, Write("board.bin", _bytes));
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(File.ReadAllBytes(archive)));
        Assert.Contains("board.bin is encrypted", refused.Message, StringComparison.Ordinal);
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
