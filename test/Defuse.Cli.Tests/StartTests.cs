namespace Defuse.Cli.Tests;

public class StartTests
{
    [Theory]
    [InlineData(0x0800_0000u)]
    [InlineData(0x0802_0000u, "--address", "0x08020000")]
    public async Task The_program_is_started_where_it_is_said(uint expected, params string[] args)
    {
        var started = new List<uint>();
        var boards = FakeBoards.One();
        boards.Target.Before = (_, at) => started.Add(at);
        using var cli = new Cli { Boards = boards };
        var result = await cli.RunAsync(["start", .. args]);
        Assert.Equal((0, "Started the program on STM32F765/F767/F769/F777/F779 (dfu:usb-1-4).\n"), (result.ExitCode, result.Error));
        Assert.Equal([expected], started);
    }

    [Fact]
    public async Task A_board_that_came_back_as_the_bootloader_is_not_said_to_be_left_unready()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Sample("blinky.bin"), "-a", "0x08000000", "-d", "sim:nucleo-h743zi", "--allow", "chip");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("the program was not started", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("was not left ready", result.Error, StringComparison.Ordinal);
    }
}
