using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli.Tests;

public class VerifyTests
{
    [Fact]
    public async Task A_board_that_holds_the_file_is_verified()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767);
        var result = await cli.RunAsync("verify", cli.Dfu, "--device", Cli.F767);
        Assert.Equal(0, result.ExitCode);
        Golden.Check("verify", cli.Scrub(result.Error));
    }

    [Fact]
    public async Task A_file_for_another_device_can_be_compared_but_not_flashed()
    {
        using var cli = new Cli();
        var builder = new FirmwareImageBuilder();
        builder.Add(FirmwareFile.Parse(await File.ReadAllBytesAsync(cli.Dfu)).Image);
        builder.Add(0x0800_1000, "MicroPython v1.22.0 on 2023-12-27; PYBv1.1 with STM32F405RG\0"u8);
        var path = cli.Write("other.hex", FirmwareFile.Write(FirmwareFormat.IntelHex, builder.Build()));
        Assert.Equal(5, (await cli.RunAsync("flash", path, "--device", Cli.F767)).ExitCode);
        Assert.Equal(6, (await cli.RunAsync("verify", path, "--device", Cli.F767)).ExitCode);
    }

    [Fact]
    public async Task A_difference_is_told_with_its_place()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("verify", cli.Dfu, "--device", Cli.F767);
        Assert.Equal(6, result.ExitCode);
        Golden.Check("verify-differs", cli.Scrub(result.Error));
    }
}
