namespace Defuse.Cli.Tests;

public class UsageTests
{
    [Theory]
    [InlineData("flsh", "error: there is no command or option 'flsh'\n  help: did you mean flash? defuse --help shows how it is used\n")]
    [InlineData("list --jsn", "error: unrecognized command or argument '--jsn'\n  help: did you mean --json? defuse list --help shows how it is used\n")]
    [InlineData("verify x -a 12z", "error: '12z' is no address; write it like 0x08000000\n  help: defuse verify --help shows how it is used\n")]
    [InlineData("verify x -a 08000000", "error: '08000000' is no address; did you mean 0x08000000?\n  help: defuse verify --help shows how it is used\n")]
    [InlineData("erase --range 08000000+1K", "error: '08000000+1K' is no range of addresses; did you mean 0x08000000+1K?\n  help: defuse erase --help shows how it is used\n")]
    [InlineData("flash x --erase all", "error: argument 'all' not recognized: it must be one of: 'chip'\n  help: defuse flash --help shows how it is used\n")]
    [InlineData("list -q -v", "error: give either --quiet or --verbose\n  help: defuse list --help shows how it is used\n")]
    [InlineData("-q dfu-util -l", "error: dfu-util comes first, and its own options after it: defuse dfu-util -l\n  help: defuse dfu-util --help shows how it is used\n")]
    [InlineData("flash", "error: FILE is missing\n  help: defuse flash --help shows how it is used\n")]
    [InlineData("diff a", "error: B is missing\n  help: defuse diff --help shows how it is used\n")]
    [InlineData("diff", "error: A is missing; B is missing\n  help: defuse diff --help shows how it is used\n")]
    [InlineData("simulate", "error: BOARD is missing\n  help: defuse simulate --help shows how it is used\n")]
    [InlineData("verify x --all", "error: unrecognized command or argument '--all'\n  help: it is an option of defuse flash; defuse verify --help shows how this one is used\n")]
    [InlineData("flash @nothing.dfu -d sim:pybv11", "error: there is no file @nothing.dfu\n")]
    public async Task A_mistake_is_told_in_two_lines(string line, string expected)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync(line.Split(' '));
        Assert.Equal((2, "", expected), (result.ExitCode, result.Out, result.Error));
    }
}
