using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli.Tests;

/// <summary>Files whose names say one format and whose content says another.</summary>
public class NameTests
{
    [Theory]
    [InlineData("a.bin", FirmwareFormat.IntelHex, "a.bin is an Intel HEX file, not raw bytes: its content counts, not its name")]
    [InlineData("a.BIN", FirmwareFormat.DfuSe, "a.BIN is a DfuSe file, not raw bytes: its content counts, not its name")]
    [InlineData("a.hex", FirmwareFormat.SRecord, "a.hex is a Motorola S-record file, not an Intel HEX file: its content counts, not its name")]
    [InlineData("a.dfu", FirmwareFormat.Binary, "a.dfu is raw bytes, not a DfuSe file: its content counts, not its name")]
    [InlineData("a.elf", FirmwareFormat.IntelHex, "a.elf is an Intel HEX file, not an ELF file: its content counts, not its name")]
    [InlineData("a.uf2", FirmwareFormat.Binary, "a.uf2 is raw bytes, not a UF2 file: its content counts, not its name")]
    [InlineData("a.s19", FirmwareFormat.IntelHex, "a.s19 is an Intel HEX file, not a Motorola S-record file: its content counts, not its name")]
    public async Task A_name_that_belies_the_content_is_told_once(string name, FirmwareFormat format, string expected)
    {
        using var cli = new Cli();
        var path = cli.Write(name, Content(cli, format));
        foreach (var args in new string[][] { ["info", path], ["flash", path, "-d", Cli.F767], ["convert", path, "-o", Path.Combine(cli.Folder, "out.hex")], ["diff", path, path] })
        {
            var result = await cli.RunAsync([.. args, "--json"]);
            Assert.Equal(0, result.ExitCode);
            Assert.Equal([expected], result.Result.GetProperty("warnings").EnumerateArray().Select(x => x.GetString()));
            Assert.Single(result.Error.Split('\n'), $"warning: {expected}");
        }
    }

    [Theory]
    [InlineData("a.hex", FirmwareFormat.IntelHex)]
    [InlineData("a.IHEX", FirmwareFormat.IntelHex)]
    [InlineData("a.txt", FirmwareFormat.IntelHex)]
    [InlineData("a.txt", FirmwareFormat.SRecord)]
    [InlineData("a.txt", FirmwareFormat.Binary)]
    [InlineData("a.s37", FirmwareFormat.SRecord)]
    [InlineData("a", FirmwareFormat.DfuSe)]
    [InlineData("a.img", FirmwareFormat.Binary)]
    [InlineData("a.dfu", FirmwareFormat.DfuSe)]
    [InlineData("a.bin", FirmwareFormat.Binary)]
    public async Task A_name_that_fits_or_says_nothing_is_passed_over(string name, FirmwareFormat format)
    {
        using var cli = new Cli();
        Assert.Empty((await cli.RunAsync("info", cli.Write(name, Content(cli, format)))).Error);
    }

    [Fact]
    public async Task Who_asks_for_raw_bytes_is_not_told_that_they_are_raw()
    {
        using var cli = new Cli();
        var path = cli.Write("page.hex", "<!DOCTYPE html><html></html>"u8.ToArray());
        var result = await cli.RunAsync("info", path, "--allow", "image", "--json");
        Assert.Equal(["the file is an HTML page; its bytes are taken as they are"], result.Result.GetProperty("warnings").EnumerateArray().Select(x => x.GetString()));
    }

    private static byte[] Content(Cli cli, FirmwareFormat format) =>
        FirmwareFile.Write(format, FirmwareImage.FromBytes(0x0800_0000, File.ReadAllBytes(cli.Sample("blinky.bin"))));
}
