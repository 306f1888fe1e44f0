
namespace Defuse.Cli.Tests;

public class EraseTests
{
    [Fact]
    public async Task The_chip_is_erased_and_read_back_as_blank()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767);
        var result = await cli.RunAsync("erase", "--chip", "--device", Cli.F767);
        Assert.Equal(0, result.ExitCode);
        Golden.Check("erase-chip", cli.Scrub(result.Error));
        Assert.Equal(6, (await cli.RunAsync("verify", cli.Dfu, "--device", Cli.F767)).ExitCode);
    }

    [Fact]
    public async Task A_range_is_erased_by_whole_sectors()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("erase", "--range", "0x0800_7FFF+2", "--device", Cli.F767, "--json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(2, result.Result.GetProperty("sectorsErased").GetInt32());
    }

    [Fact]
    public async Task Outside_flash_nothing_is_erased()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("erase", "--range", "0x20000000+1K", "--device", Cli.F767);
        Assert.Equal(5, result.ExitCode);
        Assert.Contains("nothing was changed", result.Error, StringComparison.Ordinal);
    }
}
