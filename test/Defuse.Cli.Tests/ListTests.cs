using Defuse.Connections;

namespace Defuse.Cli.Tests;

public class ListTests
{
    private static FakeBoards Several => new(
        FakeBoards.Board("dfu:usb-1-4"),
        FakeBoards.Board("dfu:usb-1-4.2", "Windows has no driver for it", "install WinUSB for STM32 BOOTLOADER"),
        new BoardInfo { Address = ConnectionAddress.Parse(Cli.F767), Name = "NUCLEO-F767ZI: STM32F767ZI, 2 MB", IsSimulated = true });

    [Fact]
    public async Task A_terminal_gets_tables()
    {
        using var cli = new Cli { Boards = Several, OutIsTerminal = true, Width = 100 };
        var result = await cli.RunAsync("list", "--color", "never");
        Assert.Equal(0, result.ExitCode);
        Golden.Check("list-terminal", string.Join('\n', result.Out.Split('\n').Select(x => x.TrimEnd())));
    }

    [Fact]
    public async Task A_pipe_gets_plain_rows()
    {
        using var cli = new Cli { Boards = Several };
        var result = await cli.RunAsync("list");
        Golden.Check("list-pipe", result.Out);
        Assert.DoesNotContain('\t', result.Out);
    }

    [Fact]
    public async Task A_board_that_cannot_be_opened_has_reason_and_remedy_on_stderr()
    {
        using var cli = new Cli { Boards = Several };
        var result = await cli.RunAsync("list");
        Assert.Equal("warning: dfu:usb-1-4.2 cannot be opened: Windows has no driver for it; install WinUSB for STM32 BOOTLOADER\n", result.Error);
    }

    [Fact]
    public async Task Json_has_a_line_a_board()
    {
        using var cli = new Cli { Boards = Several };
        Golden.Check("list-json", (await cli.RunAsync("list", "--json")).Out);
    }

    [Fact]
    public async Task No_board_is_no_failure()
    {
        using var cli = new Cli { Boards = new FakeBoards() };
        var result = await cli.RunAsync("list");
        Assert.Equal((0, ""), (result.ExitCode, result.Out));
        Assert.Contains("No board in DFU mode", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("usbip://192.0.2.1/", "No board in DFU mode is shared by usbip://192.0.2.1/.\n")]
    [InlineData("usbip://192.0.2.1/1-1", "There is no board usbip://192.0.2.1/1-1 in DFU mode.\n")]
    [InlineData("dfu:usb-1-4", "There is no board dfu:usb-1-4 in DFU mode.\n")]
    public async Task What_was_looked_for_and_is_not_there_is_named(string where, string expected)
    {
        using var cli = new Cli { Providers = [new FakeBoards { Scheme = where.Split(':')[0] }] };
        var result = await cli.RunAsync("list", "-d", where);
        Assert.Equal((0, "", expected), (result.ExitCode, result.Out, result.Error));
    }

    [Theory]
    [InlineData("sim:pybv11")]
    [InlineData("sim:")]
    public async Task A_simulated_board_that_is_listed_is_not_said_to_be_missing(string where)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("list", "-d", where);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("sim:", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_with_control_characters_steers_no_terminal()
    {
        using var cli = new Cli { Boards = new FakeBoards(FakeBoards.Board("dfu:usb-1") with { Name = "x\u001b[31mred\u009b2J" }), OutIsTerminal = true, Width = 100 };
        Assert.DoesNotContain('\u001b', (await cli.RunAsync("list", "--color", "never")).Out);
        using var pipe = new Cli { Boards = cli.Boards };
        Assert.DoesNotContain('\u001b', (await pipe.RunAsync("list")).Out);
    }
}
