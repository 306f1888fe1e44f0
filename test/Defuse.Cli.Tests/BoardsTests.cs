
namespace Defuse.Cli.Tests;

public class BoardsTests
{
    [Theory]
    [InlineData("nucleo-f767zi")]
    [InlineData("32l0538discovery")]
    public async Task One_board_says_how_it_enters_DFU(string name)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("boards", name);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Golden.Check($"boards-{name}", result.Out);
    }

    [Fact]
    public async Task Several_are_a_table_on_a_terminal()
    {
        using var cli = new Cli { OutIsTerminal = true, Width = 120 };
        var result = await cli.RunAsync("boards", "STM32H7", "--color", "never");
        Golden.Check("boards-terminal", string.Join('\n', result.Out.Split('\n').Select(x => x.TrimEnd())));
    }

    [Fact]
    public async Task Json_has_a_line_a_board()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("boards", "--json");
        var boards = result.Json.Where(x => x.GetProperty("type").GetString() == "known-board").ToList();
        Assert.True(boards.Count > 80, $"{boards.Count} boards");
        Assert.Contains(boards, x => x.GetProperty("name").GetString() == "NUCLEO-F767ZI" && x.GetProperty("part").GetString() == "STM32F767ZI");
    }

    [Theory]
    [InlineData("0x413", "STM32F405RG")]
    [InlineData("STM32F103C8T6", "Blue Pill")]
    public async Task Boards_are_found_by_their_chip(string text, string expected)
    {
        using var cli = new Cli();
        Assert.Contains(expected, (await cli.RunAsync("boards", text)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_board_is_called_is_refused()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("boards", "toaster");
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        Assert.Contains("no known board is 'toaster'", result.Error, StringComparison.Ordinal);
    }
}
