using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

/// <summary>Files that people really have: beside the repository, in Debian's packages, and in npm's @pybricks/firmware.</summary>
public class RealBinaryFileTests
{
    private const string Hackrf = "/usr/share/hackrf/";
    private const string Ubertooth = "/usr/share/ubertooth/firmware/";
    private const string Tomu = "/usr/lib/firmware-tomu/";

    [Fact]
    public void MicroPython_opens_as_its_users_download_it()
    {
        var zip = FirmwareFile.Parse(TestFolders.Firmware("micropython-v1.11-NUCLEO_F767ZI.zip"));
        var hex = FirmwareFile.Parse(TestFolders.Firmware("micropython-v1.11-NUCLEO_F767ZI.hex"));
        Assert.Equal((hex.Format, hex.Image, hex.EntryPoint), (zip.Format, zip.Image, zip.EntryPoint));
        Assert.Equal(new FirmwareContainer(ArchiveKind.Zip, "firmware_v1.11_DFP_NUCELO_F767ZI.hex", 1_025_655), zip.Container);
        Assert.Empty(zip.Warnings);
    }

    [Fact]
    public void The_UF2_sample_of_the_facts_opens()
    {
        var file = FirmwareFile.Parse(TestFolders.Sample("sample.uf2"));
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, [.. RawDfuSe.SampleImage, .. new byte[232]]), file.Image);
        Assert.Equal("STM32F7", Uf2Families.Find(file.Uf2!.Family!.Value)!.Name);
        Assert.Empty(file.Warnings);
    }

    [Fact]
    public void The_plain_DFU_sample_of_the_facts_opens()
    {
        var file = FirmwareFile.Parse(TestFolders.Sample("plain-dfu11.dfu"));
        Assert.Equal(0xE635_ED41u, file.Suffix!.ComputedCrc);
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, RawDfuSe.SampleImage), file.At(0x0800_0000).Image);
        Assert.Empty(file.Warnings);
    }

    [Theory]
    [InlineData("hackrf_one_usb", 44_912)]
    [InlineData("hackrf_jawbreaker_usb", 37_280)]
    [InlineData("hackrf_rad1o_usb", 72_940)]
    public void HackRF_is_refused_for_its_CRC_and_opens_without_its_prefix_when_that_is_allowed(string name, int size)
    {
        var bytes = Package(Hackrf + name + ".dfu", "hackrf-firmware");
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
        Assert.Equal(FirmwareFormatErrorKind.Crc, refused.Kind);
        var file = FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = FileAllowances.Crc });
        Assert.Equal((FirmwareFormat.Dfu, true, (ushort)0x1FC9, (ushort)0x000C),
            (file.Format, file.NeedsAddress, file.Suffix!.VendorId, file.Suffix.ProductId));
        Assert.Contains(file.Warnings, x => x.Contains("NXP's LPC", StringComparison.Ordinal));
        Assert.Equal(size, bytes.Length);
        Assert.Equal(FirmwareImage.FromBytes(0, bytes.AsSpan()[16..^16]), file.Image);
    }

    [Theory]
    [InlineData("assembly_test.dfu", 9_204)]
    [InlineData("blinky.dfu", 2_032)]
    [InlineData("bluetooth_rxtx.dfu", 29_669)]
    [InlineData("cc2400_test.dfu", 2_256)]
    [InlineData("clock_test.dfu", 2_640)]
    [InlineData("usb_test.dfu", 5_742)]
    public void Ubertooth_opens_and_needs_an_address(string name, int size)
    {
        var bytes = Package(Ubertooth + name, "ubertooth-firmware");
        var file = FirmwareFile.Parse(bytes);
        Assert.Equal((FirmwareFormat.Dfu, true, (ushort)0x1D50, (ushort)0x6003, true),
            (file.Format, file.NeedsAddress, file.Suffix!.VendorId, file.Suffix.ProductId, file.Suffix.CrcIsValid));
        Assert.Equal((long)size - 16, file.Image.ByteCount);
        Assert.Equal(bytes[..^16], file.Image.Segments.Single().Data.ToArray());
        Assert.Empty(file.Warnings);
    }

    [Fact]
    public void Tomu_opens_as_a_DFU_file_and_as_an_ELF_file()
    {
        var dfu = FirmwareFile.Parse(Package(Tomu + "toboot-booster.dfu", "firmware-tomu"));
        Assert.Equal(FirmwareImage.FromBytes(0, Package(Tomu + "toboot-booster.bin", "firmware-tomu")), dfu.Image);
        Assert.Equal((FirmwareFormat.Dfu, (ushort)0x1209, (ushort)0x70B1), (dfu.Format, dfu.Suffix!.VendorId, dfu.Suffix.ProductId));
        Assert.Empty(dfu.Warnings);
        var elf = FirmwareFile.Parse(Package(Tomu + "toboot.elf", "firmware-tomu"));
        Assert.Equal((FirmwareFormat.Elf, "ARMv6-M"), (elf.Format, elf.Elf!.Architecture));
        Assert.Equal(Package(Tomu + "toboot.bin", "firmware-tomu"), BinaryFormat.Write(elf.Image, 0));
        Assert.Equal(FirmwareFile.Parse(Package(Tomu + "toboot.ihex", "firmware-tomu")).Image, elf.Image);
    }

    [Theory]
    [InlineData("primehub", 296_756)]
    [InlineData("essentialhub", 273_188)]
    [InlineData("technichub", 206_224)]
    [InlineData("cityhub", 187_772)]
    [InlineData("movehub", 102_432)]
    public void Pybricks_opens_out_of_its_zip(string hub, int size)
    {
        var folder = Environment.GetEnvironmentVariable("DEFUSE_TEST_PYBRICKS");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "DEFUSE_TEST_PYBRICKS does not name the folder of npm's @pybricks/firmware");
        var file = FirmwareFile.Parse(File.ReadAllBytes(Path.Combine(folder!, "build", hub + ".zip")));
        Assert.Equal((FirmwareFormat.Binary, true), (file.Format, file.NeedsAddress));
        Assert.Equal(("firmware-base.bin", ArchiveKind.Zip), (file.Container!.MemberName, file.Container.Kind));
        Assert.InRange(file.Image.ByteCount, size, size);
        Assert.Empty(file.Warnings);
        var image = file.At(0x0800_8000).Image;
        Assert.InRange(VectorTable.TryRead(image, 0x0800_8000)!.InitialStackPointer, 0x2000_0000u, 0x2010_0000u);
    }

    [Fact]
    public void Every_file_beside_the_repository_opens_or_is_refused_with_a_remedy()
    {
        var opened = 0;
        foreach (var path in TestFolders.AllFirmware())
        {
            try
            {
                opened += FirmwareFile.Parse(File.ReadAllBytes(path)).Image.IsEmpty ? 0 : 1;
            }
            catch (FirmwareFormatException refused)
            {
                Assert.NotNull(refused.Remedy);
                Assert.True(Path.GetExtension(path) is ".md" or ".s19", $"{path}: {refused.Message}");
            }
        }

        Assert.InRange(opened, 20, int.MaxValue);
    }

    private static byte[] Package(string path, string package)
    {
        Assert.SkipUnless(File.Exists(path), $"Debian's {package} is not installed");
        return File.ReadAllBytes(path);
    }
}
