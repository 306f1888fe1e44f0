using Defuse.Formats;
using Defuse.Testing;

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
        var image = FirmwareFile.Parse(await File.ReadAllBytesAsync(cli.Dfu)).Image;
        var options = new FirmwareWriteOptions { DfuSe = new DfuSeWriteOptions { VendorId = 0x1234 } };
        var path = cli.Write("other.dfu", FirmwareFile.Write(FirmwareFormat.DfuSe, image, options));
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
