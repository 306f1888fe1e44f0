using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli.Tests;

/// <summary>What only looks at memory is not refused for reasons that concern writing, and is for those that concern reading.</summary>
public sealed class ReadingTests
{
    [Theory]
    [InlineData("sim:at32f437", 0x0800_0000u)]
    [InlineData("sim:nucleo-f767zi", 0x1FF0_F000u)]
    [InlineData("sim:nucleo-f767zi?wrp=0", 0x0800_0000u)]
    [InlineData("sim:b-l072z-lrwan1", 0x0808_0000u)]
    public async Task What_cannot_be_written_can_be_compared(string board, uint address)
    {
        using var cli = new Cli();
        var path = Path.Combine(cli.Folder, "there.hex");
        Assert.Equal(0, (await cli.RunAsync("read", "-o", path, "--range", $"0x{address:X8}+64", "-d", board)).ExitCode);

        Assert.Equal(0, (await cli.RunAsync("verify", path, "-d", board)).ExitCode);

        var other = new FirmwareImageBuilder();
        other.Add(address, new byte[] { 0x5A, 0xA5 });
        var differs = await cli.RunAsync("verify", cli.Write("other.hex", FirmwareFile.Write(FirmwareFormat.IntelHex, other.Build())), "-d", board);
        Assert.Equal(6, differs.ExitCode);
        Assert.DoesNotContain("--allow", differs.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sim:nucleo-f767zi?rdp=1")]
    [InlineData("sim:nucleo-g0b1re?rdp=1")]
    [InlineData("sim:gd32f103?rdp=1")]
    public async Task A_read_out_protected_chip_is_neither_read_nor_compared(string board)
    {
        using var cli = new Cli();
        var image = new FirmwareImageBuilder();
        image.Add(0x0800_0000, new byte[64]);
        var file = cli.Write("file.hex", FirmwareFile.Write(FirmwareFormat.IntelHex, image.Build()));
        foreach (var result in new[] { await cli.RunAsync("verify", file, "-d", board), await cli.RunAsync("read", "-o", Path.Combine(cli.Folder, "x.bin"), "-d", board) })
        {
            Assert.Equal(5, result.ExitCode);
            Assert.Contains("the chip is read-out protected", result.Error, StringComparison.Ordinal);
            Assert.Contains("defuse unprotect removes", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("probably", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("--allow", result.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("0x08300000+16", "0x08300000")]
    [InlineData("0x081FFFF0+32", "from 0x08200000 on")]
    public async Task What_is_to_be_kept_lies_in_flash(string range, string where)
    {
        using var cli = new Cli();

        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--keep", range);

        Assert.Equal(5, result.ExitCode);
        Assert.Contains(where, result.Error, StringComparison.Ordinal);
        Assert.Contains("keep ranges inside its flash: 0x08000000-0x081FFFFF", result.Error, StringComparison.Ordinal);
        Assert.Equal(6, (await cli.RunAsync("verify", cli.Dfu, "-d", Cli.F767)).ExitCode);
    }

    [Fact]
    public async Task A_range_in_no_memory_points_to_what_shows_the_memories()
    {
        using var cli = new Cli();

        var result = await cli.RunAsync("read", "-o", "-", "--range", "0x08300000+16", "-d", Cli.F767);

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("defuse info --device shows them", result.Error, StringComparison.Ordinal);
    }
}
