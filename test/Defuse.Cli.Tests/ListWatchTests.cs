using Defuse.Connections;

namespace Defuse.Cli.Tests;

public class ListWatchTests
{
    [Theory]
    [InlineData("list-watch-pipe", false)]
    [InlineData("list-watch-json", false, "--json")]
    [InlineData("list-watch-terminal", true, "--color", "always")]
    public async Task Every_change_has_a_line(string golden, bool isTerminal, params string[] args)
    {
        var bus = new FakeBus();
        using var interrupt = new CancellationTokenSource();
        using var output = new LineWriter();
        using var cli = new Cli { Bus = bus, Out = output, Interrupt = interrupt.Token, OutIsTerminal = isTerminal };
        bus.Plug("1-4", "205B33875532");
        var running = cli.RunAsync(["list", "--watch", .. args]);
        await output.SaysAsync("dfu:usb-1-4");
        bus.Plug("1-4.2", null, "Windows has no driver for it", "install WinUSB for STM32 BOOTLOADER");
        await output.SaysAsync("arrived");
        bus.Change("1-4.2", x => x! with { Access = null, Problem = null, Remedy = null });
        await output.SaysAsync("changed");
        bus.Swap("1-4", "205B33875532");
        await output.SaysAsync("arrived");
        bus.Unplug("1-4.2");
        await output.SaysAsync("left");
        await interrupt.CancelAsync();
        var result = await running;
        Assert.Equal(0, result.ExitCode);
        Golden.Check(golden, output.ToString());
        Assert.Equal(
            "Watching for boards; Ctrl-C ends.\nwarning: dfu:usb-1-4.2 cannot be opened: Windows has no driver for it; install WinUSB for STM32 BOOTLOADER\n",
            System.Text.RegularExpressions.Regex.Replace(result.Error, "\u001b\\[[0-9;]*m", ""));
    }

    [Fact]
    public async Task A_watch_ends_when_nobody_takes_its_lines()
    {
        var bus = new FakeBus();
        bus.Plug("1-1", "A");
        bus.Plug("1-2", "B");
        using var output = new FullWriter(lines: 1);
        using var cli = new Cli { Bus = bus, Out = output };
        Assert.Equal(1, (await cli.RunAsync("list", "--watch").WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).ExitCode);
    }

    [Fact]
    public async Task Every_time_that_a_board_is_plugged_in_its_problem_is_told()
    {
        var bus = new FakeBus();
        using var interrupt = new CancellationTokenSource();
        using var output = new LineWriter();
        using var cli = new Cli { Bus = bus, Out = output, Interrupt = interrupt.Token };
        var running = cli.RunAsync("list", "--watch", "--json");
        for (var i = 0; i < 2; i++)
        {
            bus.Plug("1-1", "A", "Linux does not let this user open it", "add the udev rule");
            await output.SaysAsync("arrived");
            bus.Unplug("1-1");
            await output.SaysAsync("left");
        }

        await interrupt.CancelAsync();
        Assert.Equal(3, (await running).Error.Split("warning:").Length);
    }

    [Fact]
    public async Task Boards_that_can_be_simulated_are_left_out()
    {
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var simulated = new FakeBoards(new BoardInfo { Address = ConnectionAddress.Parse(Cli.F767), Name = "NUCLEO-F767ZI", IsSimulated = true });
        using var cli = new Cli { Boards = simulated, Interrupt = interrupt.Token };
        Assert.Equal((0, ""), ((await cli.RunAsync("list", "--watch")) is var result ? (result.ExitCode, result.Out) : default));
    }

    [Fact]
    public async Task A_server_that_is_not_there_cannot_be_watched()
    {
        using var cli = new Cli();
        Assert.Equal(4, (await cli.RunAsync("list", "--watch", "--device", "usbip://127.0.0.1:1/")).ExitCode);
    }
}
