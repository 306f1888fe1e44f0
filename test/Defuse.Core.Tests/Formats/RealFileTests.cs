using Defuse.Formats;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Formats;

public class RealFileTests
{
    [Fact]
    public void One_MicroPython_build_holds_the_same_bytes_as_dfu_and_as_hex()
    {
        var dfu = FirmwareFile.Parse(TestFolders.Firmware("micropython-v1.9.1-NUCLEO_F767ZI.dfu"));
        var hex = FirmwareFile.Parse(TestFolders.Firmware("micropython-v1.9.1-NUCLEO_F767ZI.hex"));
        Assert.Equal((FirmwareFormat.DfuSe, FirmwareFormat.IntelHex), (dfu.Format, hex.Format));
        Assert.Equal(dfu.Image, hex.Image);
        Assert.Equal([new AddressRange(0x0800_0000, 15040), new AddressRange(0x0802_0000, 298980)], dfu.Targets.Single().Elements);
        Assert.Equal("ST...", dfu.Targets.Single().Name);
        Assert.Equal(0x0804_AA29u, hex.EntryPoint);
        Assert.Empty(dfu.Warnings);
        Assert.Empty(hex.Warnings);
    }

    [Theory]
    [InlineData("micropython-v1.9.1-NUCLEO_F767ZI.dfu", "v1.9.1-4-g6ed4581-dirty", "2017-06-14", "NUCLEO-F767ZI", "STM32F767")]
    [InlineData("micropython-v1.9.1-NUCLEO_F767ZI.hex", "v1.9.1-4-g6ed4581-dirty", "2017-06-14", "NUCLEO-F767ZI", "STM32F767")]
    [InlineData("micropython-v1.11-NUCLEO_F767ZI.hex", "v1.11-10-g84f1067f7-dirty", "2019-06-01", "NUCLEO-F767ZI", "STM32F767")]
    [InlineData("micropython-v1.11-NUCLEO_H743ZI.hex", "v1.11-10-g84f1067f7-dirty", "2019-06-01", "NUCLEO_H743ZI", "STM32H743")]
    [InlineData("micropython-v1.11-NUCLEO_L476RG.hex", "v1.11-10-g84f1067f7-dirty", "2019-06-01", "NUCLEO-L476RG", "STM32L476RG")]
    [InlineData("micropython-v1.14-PYBV11.dfu", "v1.14", "2021-02-02", "PYBv1.1", "STM32F405RG")]
    [InlineData("micropython-v1.18-PYBD_SF2.dfu", "v1.18-99-g203ec8ca7-dirty", "2022-02-05", "PYBD-SF2W", "STM32F722IEK")]
    public void MicroPython_says_what_it_is(string name, string version, string date, string board, string mcu)
    {
        var file = FirmwareFile.Parse(TestFolders.Firmware(name));
        Assert.Empty(file.Warnings);
        var identity = FirmwareIdentity.FindAll(file.Image)[0];
        Assert.Equal((version, $"{identity.Date:yyyy-MM-dd}", board, mcu), (identity.Version, date, identity.Board, identity.Mcu));
        Assert.Equal($"MicroPython {version} of {date} for {board} with {mcu}", identity.ToString());
        var evidence = new byte[version.Length];
        Assert.True(file.Image.TryRead(identity.EvidenceAddress, evidence));
        Assert.Equal(version, System.Text.Encoding.ASCII.GetString(evidence));
        var start = file.Image.Extent!.Value.Start;
        Assert.Empty(VectorTable.TryRead(file.Image, start)!.Check(file.Image));
    }

    [Fact]
    public void The_pyboard_D_wants_memory_that_its_chip_does_not_have_inside()
    {
        var file = FirmwareFile.Parse(TestFolders.Firmware("micropython-v1.18-PYBD_SF2.dfu"));
        Assert.Equal([0x0800_8000u, 0x9000_0000u], file.Image.Segments.Select(x => x.Range.Start));
    }

    [Theory]
    [InlineData("micropython-v1.9.1-NUCLEO_F767ZI.hex")]
    [InlineData("micropython-v1.11-NUCLEO_F767ZI.hex")]
    [InlineData("micropython-v1.11-NUCLEO_H743ZI.hex")]
    [InlineData("micropython-v1.11-NUCLEO_L476RG.hex")]
    public void What_another_tool_wrote_as_hex_is_written_the_same_up_to_where_it_splits_records(string name)
    {
        var bytes = TestFolders.Firmware(name);
        var file = FirmwareFile.Parse(bytes);
        var written = IntelHexFormat.Write(file.Image, file.EntryPoint);
        var same = bytes.Length - (bytes.Length / 100);
        Assert.Equal(bytes[..same], written[..same]);
        Assert.Equal(bytes[^34..], written[^34..]);
    }

    [Theory]
    [InlineData("micropython-v1.9.1-NUCLEO_F767ZI.dfu")]
    [InlineData("micropython-v1.14-PYBV11.dfu")]
    [InlineData("micropython-v1.18-PYBD_SF2.dfu")]
    public void What_another_tool_wrote_as_dfu_is_written_the_same_but_for_its_odd_size_and_name(string name)
    {
        var bytes = TestFolders.Firmware(name);
        var file = FirmwareFile.Parse(bytes);
        var written = DfuSeFormat.Write(file.Image, new DfuSeWriteOptions { DeviceRelease = 0, TargetName = file.Targets[0].Name });
        var odd = Enumerable.Range(0, bytes.Length).Where(i => bytes[i] != written[i]).ToArray();
        Assert.All(odd, i => Assert.True(i is (>= 6 and < 10) or (>= 18 and < 22) || i >= bytes.Length - 4, $"offset {i}"));
    }

    [Theory]
    [InlineData("mbed-NUCLEO_F072RB.bin")]
    [InlineData("mbed-NUCLEO_F767ZI.bin")]
    [InlineData("mbed-NUCLEO_L053R8.bin")]
    [InlineData("daisy-bootloader-v6_4-STM32H750.bin")]
    public void Raw_binaries_open_and_need_an_address(string name)
    {
        var bytes = TestFolders.Firmware(name);
        var file = FirmwareFile.Parse(bytes);
        Assert.Equal(FirmwareFormat.Binary, file.Format);
        Assert.True(file.NeedsAddress);
        Assert.Empty(file.Warnings);
        Assert.NotEmpty(FirmwareIdentity.FindAll(file.Image));
        var image = file.At(0x0800_0000).Image;
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, bytes), image);
        Assert.Empty(VectorTable.TryRead(image, 0x0800_0000)!.Check(image));
    }

    [Theory]
    [InlineData("formats/bincopy-gcc.bin")]
    [InlineData("formats/bincopy-iar.bin")]
    [InlineData("formats/bincopy-keil.bin")]
    [InlineData("formats/bincopy-empty_main.bin")]
    public void Linked_programs_as_raw_binaries_open(string name) =>
        Assert.Equal(FirmwareFormat.Binary, FirmwareFile.Parse(TestFolders.Firmware(name)).Format);

    [Fact]
    public void A_hex_file_holds_what_its_raw_binary_holds()
    {
        var hex = FirmwareFile.Parse(TestFolders.Firmware("formats/bincopy-empty_main.hex"));
        var bin = TestFolders.Firmware("formats/bincopy-empty_main.bin");
        Assert.Equal(0x0040_0400u, hex.EntryPoint);
        Assert.Equal(bin, BinaryFormat.Write(hex.Image, 0));
    }

    [Fact]
    public void Records_in_any_order_make_one_image()
    {
        var a = FirmwareFile.Parse(TestFolders.Firmware("formats/bincopy-issue_4_in.hex"));
        var b = FirmwareFile.Parse(TestFolders.Firmware("formats/bincopy-issue_4_out.hex"));
        Assert.Equal(a.Image, b.Image);
        Assert.Equal([0x1_000Eu, 0x2_000Eu], a.Image.Segments.Select(x => x.Range.Start));
    }

    [Theory]
    [InlineData("one-element.dfu", 0x6BE1_DA5Fu)]
    [InlineData("two-elements.dfu", 0xF57D_CEA1u)]
    [InlineData("two-targets.dfu", 0x81F9_3A0Du)]
    public void The_samples_of_the_facts_open(string name, uint crc) =>
        Assert.Equal(crc, FirmwareFile.Parse(TestFolders.Sample(name)).Suffix!.ComputedCrc);

    [Theory]
    [InlineData("bad-crc.dfu", FirmwareFormatErrorKind.Crc, "CRC")]
    [InlineData("sample-noeof.hex", FirmwareFormatErrorKind.Eof, "without the end-of-file record")]
    public void The_samples_of_the_facts_that_cannot_be_opened_are_refused(string name, FirmwareFormatErrorKind kind, string words)
    {
        var bytes = TestFolders.Sample(name);
        var refused = Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes));
        Assert.Equal(kind, refused.Kind);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hex_sample_of_the_facts_is_its_binary_sample()
    {
        var hex = FirmwareFile.Parse(TestFolders.Sample("sample.hex"));
        Assert.Equal(FirmwareFile.Parse(TestFolders.Sample("sample.bin")).At(0x0800_0000).Image, hex.Image);
        Assert.Equal(0x0800_0009u, hex.EntryPoint);
    }
}
