using Defuse.Devices;
using Defuse.Entering;
using Defuse.Transports;

namespace Defuse.Core.Tests.Entering;

public class ReturnTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly FakeComputer _computer = FakeComputer.With(FakeComputer.Dfu(address: 6));

    [Fact]
    public async Task Where_nothing_comes_that_is_told_when_the_time_is_over()
    {
        _computer.Reenumerate("1-4", null);
        var back = await WatchAsync();
        Assert.Equal((BoardReturnKind.Nothing, null), (back.Kind, back.Device));
        Assert.InRange(back.Elapsed, Patience, Patience + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_bootloader_that_comes_back_is_told_at_once()
    {
        _computer.Reenumerate("1-4", FakeComputer.Dfu(address: 7));
        var back = await WatchAsync();
        Assert.Equal(BoardReturnKind.Bootloader, back.Kind);
        Assert.InRange(back.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_bootloader_that_stays_is_given_all_the_time_to_leave()
    {
        var back = await WatchAsync();
        Assert.Equal(BoardReturnKind.Bootloader, back.Kind);
        Assert.InRange(back.Elapsed, Patience, Patience + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_program_is_told_with_its_port_and_its_banner()
    {
        _computer.OnOpened = port => _ = new FakeRepl(port, _ => null) { IsRunning = false };
        _computer.Reenumerate("1-4", FakeComputer.MicroPython(address: 7), FakeComputer.Port());
        var back = await WatchAsync();
        Assert.Equal((BoardReturnKind.Program, "/dev/ttyACM0", null), (back.Kind, back.Port, back.PortProblem));
        Assert.StartsWith("MicroPython v1.22.0 on 2023-12-27", back.Banner, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_does_not_open_is_said_not_to()
    {
        _computer.Failure = new TransportException(TransportFailure.CannotOpen, "this user may not open /dev/ttyACM0");
        _computer.Reenumerate("1-4", FakeComputer.MicroPython(address: 7), FakeComputer.Port());
        var back = await WatchAsync();
        Assert.Equal((BoardReturnKind.Program, "this user may not open /dev/ttyACM0", null), (back.Kind, back.PortProblem, back.Banner));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_device_that_the_system_has_not_configured_yet_is_given_a_moment(bool comes)
    {
        var early = FakeComputer.MicroPython(address: 7) with { Interfaces = [], Problem = new AccessProblem(AccessFailure.EnumerationFailed, "not configured", "Unplug it") };
        _computer.Reenumerate("1-4", early);
        if (comes)
        {
            _computer.After(TimeSpan.FromMilliseconds(1100), () => _computer.Unplug("1-4"));
            _computer.After(TimeSpan.FromMilliseconds(1100), () => _computer.Plug(FakeComputer.MicroPython(address: 7), FakeComputer.Port()));
        }

        var back = await WatchAsync();
        Assert.Equal(comes ? BoardReturnKind.Program : BoardReturnKind.Unreadable, back.Kind);
        Assert.InRange(back.Elapsed, TimeSpan.FromMilliseconds(comes ? 1100 : 1700), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_board_on_another_port_is_not_what_came_back()
    {
        _computer.Reenumerate("1-4", null);
        _computer.Plug(FakeComputer.MicroPython("1-5", 9), FakeComputer.Port("1-5"));
        Assert.Equal(BoardReturnKind.Nothing, (await WatchAsync()).Kind);
        Assert.Empty(_computer.Opened);
    }

    private ValueTask<BoardReturn> WatchAsync() =>
        ReturnWatch.WatchAsync(_computer.Entrance().PlaceAt("1-4", 6), UsbIdDatabase.Default, Patience, TestContext.Current.CancellationToken);
}
