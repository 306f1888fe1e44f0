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
    public async Task A_difference_is_told_with_its_place()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("verify", cli.Dfu, "--device", Cli.F767);
        Assert.Equal(6, result.ExitCode);
        Golden.Check("verify-differs", cli.Scrub(result.Error));
    }
}
