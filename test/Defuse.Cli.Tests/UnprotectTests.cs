
namespace Defuse.Cli.Tests;

public class UnprotectTests
{
    [Fact]
    public async Task Without_yes_nothing_is_done_and_what_would_be_lost_is_said()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("unprotect", "-d", Cli.F767 + "?rdp=1");
        Assert.Equal(5, result.ExitCode);
        Golden.Check("unprotect-refused", cli.Scrub(result.Error));
        Assert.Equal(5, (await cli.RunAsync("erase", "--chip", "-d", Cli.F767)).ExitCode);
    }

    [Fact]
    public async Task With_yes_the_chip_is_wiped_and_open()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "-q");
        var result = await cli.RunAsync("unprotect", "--yes", "-d", Cli.F767 + "?rdp=1");
        Assert.Equal(0, result.ExitCode);
        Golden.Check("unprotect", cli.Scrub(result.Error));
        Assert.Equal(6, (await cli.RunAsync("verify", cli.Dfu, "-d", Cli.F767)).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767)).ExitCode);
    }

    [Fact]
    public async Task As_json_the_result_counts_what_was_read_back()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("unprotect", "--yes", "-d", "sim:pybv11?rdp=1", "--json");
        Assert.Equal((0, "verified", 1024 * 1024), (result.ExitCode, result.Result.GetProperty("outcome").GetString(), result.Result.GetProperty("bytesVerified").GetInt32()));
        Assert.Contains(result.Json, x => x.GetProperty("type").GetString() == "phase" && x.GetProperty("phase").GetString() == "unprotect");
    }

    [Fact]
    public async Task A_chip_that_is_open_is_left_alone()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "-q");
        var result = await cli.RunAsync("unprotect", "--yes", "-d", Cli.F767);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("is not read-out protected: RDP is 0xAA. Nothing was done.", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await cli.RunAsync("verify", cli.Dfu, "-d", Cli.F767)).ExitCode);
    }

    [Theory]
    [InlineData("sim:daisy")]
    [InlineData("sim:pybd-sf6")]
    [InlineData("sim:nucleo-c562re")]
    [InlineData("sim:nucleo-h563zi")]
    public async Task A_bootloader_that_does_not_offer_it_is_not_told_to(string board)
    {
        using var cli = new Cli();
        foreach (var args in new string[][] { ["unprotect", "-d", board], ["unprotect", "--yes", "-d", board] })
        {
            var result = await cli.RunAsync(args);
            Assert.Equal(5, result.ExitCode);
            Assert.Contains("this bootloader does not offer it", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("Erase", result.Error, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("plug it in again", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_it_is_not_known_the_word_is_needed_too()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("unprotect", "-d", "sim:nucleo-g0b1re");
        Assert.Equal(5, result.ExitCode);
        Assert.Contains("is not known", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wiped_chip_is_never_called_unchanged()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("unprotect", "--yes", "-d", "sim:nucleo-f767zi?bank=dual&rdp=1&fault=timeout@read:48x9");
        Assert.DoesNotContain("nothing was changed", result.Error, StringComparison.Ordinal);
        Assert.Equal(7, result.ExitCode);
    }
}
