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
}
