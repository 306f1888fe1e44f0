
namespace Defuse.Cli.Tests;

public class HelpTests
{
    [Theory]
    [InlineData("")]
    [InlineData("flash")]
    [InlineData("verify")]
    [InlineData("read")]
    [InlineData("enter-dfu")]
    [InlineData("erase")]
    [InlineData("start")]
    [InlineData("option-bytes")]
    [InlineData("unprotect")]
    [InlineData("info")]
    [InlineData("boards")]
    [InlineData("capture")]
    [InlineData("chips")]
    [InlineData("convert")]
    [InlineData("dfu-util")]
    [InlineData("diff")]
    [InlineData("doctor")]
    [InlineData("list")]
    [InlineData("monitor")]
    [InlineData("simulate")]
    [InlineData("completion")]
    public async Task Help_of_every_command(string command)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync(command.Length == 0 ? ["--help"] : [command, "--help"]);
        Assert.Equal(0, result.ExitCode);

        // dfu-util's own goes to stderr.
        var (help, other) = command is "dfu-util" ? (result.Error, result.Out) : (result.Out, result.Error);
        Assert.Empty(other);
        Golden.Check($"help{(command.Length == 0 ? "" : "-" + command)}", cli.Scrub(help));
    }

    [Fact]
    public async Task No_command_is_left_without_a_test_of_its_help()
    {
        using var cli = new Cli();
        var help = (await cli.RunAsync("--help")).Out;
        var known = typeof(HelpTests).GetMethod(nameof(Help_of_every_command))!.GetCustomAttributesData()
            .Where(x => x.AttributeType == typeof(InlineDataAttribute))
            .Select(x => (string)((IReadOnlyCollection<System.Reflection.CustomAttributeTypedArgument>)x.ConstructorArguments[0].Value!).First().Value!);
        var commands = help.Split('\n').SkipWhile(x => x != "Commands for boards:").TakeWhile(x => x != "Options:")
            .Where(x => x.Length > 2 && x[..2] == "  " && x[2] != ' ').Select(x => x.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);
        Assert.Equal(known.Where(x => x.Length > 0).Order(), commands.Order());
    }

    [Fact]
    public async Task No_line_of_help_is_wider_than_the_terminal_but_for_lists()
    {
        using var cli = new Cli { Width = 60 };
        var result = await cli.RunAsync("erase", "--help");
        Assert.All(result.Out.Split('\n').TakeWhile(x => x != "Examples:"), x => Assert.True(x.Length <= 60, x));
    }

    [Fact]
    public async Task The_version_is_printed()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("--version");
        Assert.Equal((0, "defuse 1.2.3\n", ""), (result.ExitCode, result.Out, result.Error));
    }

    [Fact]
    public async Task Without_a_command_there_is_help_on_stderr()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync();
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        Assert.Contains("Usage: defuse COMMAND", result.Error, StringComparison.Ordinal);
    }
}
