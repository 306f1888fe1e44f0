namespace Defuse.Cli.Tests;

/// <summary>A stdout that takes nothing.</summary>
public class FullDiskTests
{
    [Fact]
    public async Task What_is_being_flashed_is_finished()
    {
        using var cli = new Cli { Out = new FullWriter() };
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Verified 1,056 bytes", result.Error, StringComparison.Ordinal);
        Assert.Contains("error: stdout cannot be written: no space left\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await cli.RunAsync("verify", cli.Dfu, "-d", Cli.F767)).ExitCode);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("list")]
    [InlineData("info FILE")]
    [InlineData("completion bash")]
    public async Task Data_that_nobody_takes_is_a_failure_and_no_crash(string line)
    {
        using var cli = new Cli { Out = new FullWriter() };
        var result = await cli.RunAsync([.. line.Split(' ').Select(x => x == "FILE" ? cli.Dfu : x)]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("stdout cannot be written", result.Error, StringComparison.Ordinal);
    }
}
