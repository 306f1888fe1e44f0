using Defuse.Entering;
using Defuse.Transports;

namespace Defuse.Core.Tests.Entering;

public class ArrivalTests
{
    private readonly FakeComputer _computer = FakeComputer.With(FakeComputer.MicroPython(), FakeComputer.Port());

    [Fact]
    public async Task A_board_that_comes_back_on_another_port_is_taken_if_it_is_the_only_new_one()
    {
        _computer.Plug(FakeComputer.Dfu("1-1", 2, "3F0000000000"));
        OnTouch(() => _computer.Reenumerate("1-4", FakeComputer.Dfu("2-4", 9)));
        Assert.Equal("2-4", (await EnterAsync()).Device.Location);
    }

    [Fact]
    public async Task A_board_with_another_serial_number_is_not_taken_for_it()
    {
        OnTouch(() => _computer.Reenumerate("1-4", FakeComputer.Dfu("2-4", 9, "3F0000000000")));
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("did not come back in DFU mode", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_new_ones_the_serial_number_tells()
    {
        OnTouch(() =>
        {
            _computer.Reenumerate("1-4", FakeComputer.Dfu("2-4", 9));
            _computer.Plug(FakeComputer.Dfu("2-5", 10, "STM32"));
        });
        Assert.Equal("2-4", (await EnterAsync()).Device.Location);
    }

    [Fact]
    public async Task Of_several_new_ones_that_nothing_tells_apart_none_is_taken()
    {
        OnTouch(() =>
        {
            _computer.Reenumerate("1-4", FakeComputer.Dfu("2-4", 9, "STM32"));
            _computer.Plug(FakeComputer.Dfu("2-5", 10, "STM32"));
        });
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("several boards in DFU mode came", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_comes_on_another_port_is_not_taken_where_nothing_shows_that_it_is_the_board()
    {
        OnTouch(() =>
        {
            _computer.Reenumerate("1-4", null);
            _computer.Plug(FakeComputer.Dfu("2-5", 10, "STM32"));
        });
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("a board in DFU mode came at 2-5, and nothing shows that it is the same one", e.Message, StringComparison.Ordinal);
        Assert.Contains("--device", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_comes_on_another_port_is_not_taken_for_a_board_that_takes_its_time()
    {
        OnTouch(() =>
        {
            _computer.Reenumerate("1-4", null);
            _computer.Plug(FakeComputer.Dfu("2-5", 10, "STM32"));
            _computer.After(TimeSpan.FromSeconds(6), () => _computer.Plug(FakeComputer.Dfu(address: 11, serial: "STM32")));
        });
        Assert.Equal("1-4", (await EnterAsync()).Device.Location);
    }

    [Fact]
    public async Task One_that_comes_on_another_port_is_not_taken_for_a_board_that_only_restarted()
    {
        OnTouch(() =>
        {
            _computer.Reenumerate("1-4", FakeComputer.MicroPython(address: 6));
            _computer.Plug(FakeComputer.Dfu("2-5", 10, "STM32"));
        });
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("it restarted, and runs its program again", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_not_to_be_had_for_a_moment_does_not_mean_that_the_board_left()
    {
        OnTouch(() =>
        {
            _computer.ListFailure = new TransportException(TransportFailure.Fault, "the system takes a device away");
            _computer.After(TimeSpan.FromMilliseconds(250), () => _computer.ListFailure = null);
        });
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.DoesNotContain("it restarted", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_that_is_elsewhere_in_DFU_mode_already_is_not_it()
    {
        _computer.Plug(FakeComputer.Dfu("1-1", 2));
        OnTouch(() => { });
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("does not react to being opened at 1200 baud", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_that_runs_its_program_again_is_said_to()
    {
        OnTouch(() => _computer.Reenumerate("1-4", FakeComputer.MicroPython(address: 6), FakeComputer.Port(name: "/dev/ttyACM1")));
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("it restarted, and runs its program again", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_that_comes_back_as_something_else_is_named()
    {
        OnTouch(() => _computer.Reenumerate("1-4", FakeComputer.MicroPython(address: 6) with { VendorId = 0x2E8A, ProductId = 3, Product = "RP2 Boot" }));
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("it came back as RP2 Boot (2e8a:0003), not in DFU mode", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_back_as_something_else_is_sent_nothing()
    {
        OnTouch(() => _computer.Reenumerate("1-4", Other(), FakeComputer.Port()));
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync(EntryWay.Touch1200, EntryWay.SerialR));
        Assert.Contains("it came back as a printer", e.Message, StringComparison.Ordinal);
        Assert.Single(_computer.Opened);
    }

    [Fact]
    public async Task What_is_plugged_in_instead_while_it_is_asked_is_sent_nothing()
    {
        _computer.OnOpened = _ =>
        {
            _computer.Unplug("1-4");
            _computer.Plug(Other(), FakeComputer.Port());
        };
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync(EntryWay.MicroPythonRepl, EntryWay.SerialR));
        Assert.Contains("left while it was asked for DFU mode", e.Message, StringComparison.Ordinal);
        Assert.Single(_computer.Opened);
    }

    [Fact]
    public async Task A_port_whose_name_is_another_devices_by_now_is_sent_nothing()
    {
        var computer = FakeComputer.With(FakeComputer.MicroPython());
        computer.Plug(Other() with { Location = "1-5" }, FakeComputer.Port("1-5"));
        var e = await Assert.ThrowsAsync<EntryException>(async () => await computer.Entrance().EnterAsync(
            FakeComputer.Board(EntryWay.MicroPythonRepl), EntryOptions.Default, null, TestContext.Current.CancellationToken));
        Assert.Contains("/dev/ttyACM0 is another device's port now", e.Message, StringComparison.Ordinal);
        Assert.Equal("", Assert.Single(computer.Opened).Received);
    }

    [Fact]
    public async Task A_board_that_resets_before_it_acknowledges_the_touch_is_waited_for()
    {
        _computer.OnOpened = port => port.OnLines = () =>
        {
            _computer.Reenumerate("1-4", FakeComputer.Dfu());
            throw new TransportException(TransportFailure.Fault, "/dev/ttyACM0 cannot drive DTR and RTS: Protocol error");
        };
        Assert.Equal("1-4", (await EnterAsync()).Device.Location);
    }

    [Fact]
    public async Task A_board_that_is_unplugged_is_missed_for_a_bounded_time()
    {
        var started = _computer.Time.GetTimestamp();
        OnTouch(() => _computer.Reenumerate("1-4", null));
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("left for its bootloader and did not come back", e.Message, StringComparison.Ordinal);
        Assert.InRange(_computer.Time.GetElapsedTime(started), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_board_that_is_unplugged_before_it_is_asked_is_said_to_have_left()
    {
        _computer.OnOpened = _ => _computer.Unplug("1-4");
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync(EntryWay.MicroPythonRepl));
        Assert.Contains("left while it was asked for DFU mode", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_another_program_has_is_said_to_be_in_use()
    {
        _computer.Failure = new TransportException(TransportFailure.CannotOpen, "another program has it open", "close that one");
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("/dev/ttyACM0: another program has it open (close that one)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_without_a_serial_port_here_is_said_to_have_none()
    {
        var board = FakeComputer.Board(EntryWay.Touch1200) with { Ports = [] };
        var e = await Assert.ThrowsAsync<EntryException>(async () =>
            await _computer.Entrance().EnterAsync(board, EntryOptions.Default, null, TestContext.Current.CancellationToken));
        Assert.Contains("it shows no serial port here", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_known_is_sent_nothing()
    {
        var board = FakeComputer.Board() with { Program = null };
        var e = await Assert.ThrowsAsync<EntryException>(async () =>
            await _computer.Entrance().EnterAsync(board, EntryOptions.Default, null, TestContext.Current.CancellationToken));
        Assert.Contains("was sent nothing", e.Message, StringComparison.Ordinal);
        Assert.Empty(_computer.Opened);
    }

    [Fact]
    public async Task Where_one_way_fails_the_next_one_is_tried()
    {
        var said = new Said();
        _computer.OnOpened = port =>
        {
            port.OnClosed = port.Settings.BaudRate == 1200 ? () => _computer.Reenumerate("1-4", FakeComputer.Dfu()) : () => { };
        };
        var entry = await _computer.Entrance().EnterAsync(
            FakeComputer.Board(EntryWay.MicroPythonRepl, EntryWay.Touch1200), EntryOptions.Default, said, TestContext.Current.CancellationToken);
        Assert.Equal(EntryWay.Touch1200, entry.Way);
        Assert.Contains(said.Events, x => x is { Step: EntryStep.Declined, Way: EntryWay.MicroPythonRepl });
    }

    [Fact]
    public async Task Cancelling_ends_the_wait()
    {
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(2), _computer.Time);
        OnTouch(() => _computer.Reenumerate("1-4", null));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await _computer.Entrance().EnterAsync(FakeComputer.Board(EntryWay.Touch1200), EntryOptions.Default, null, source.Token));
    }

    private void OnTouch(Action act) => _computer.OnOpened = port => port.OnClosed = () =>
    {
        Assert.Equal((1200, false), (port.Settings.BaudRate, port.Lines.Dtr));
        act();
    };

    private static UsbDeviceInfo Other() => FakeComputer.MicroPython(address: 7) with { VendorId = 0x04B8, ProductId = 5, Product = "a printer" };

    private ValueTask<DfuEntry> EnterAsync(params EntryWay[] ways) =>
        _computer.Entrance().EnterAsync(FakeComputer.Board(ways is [] ? [EntryWay.Touch1200] : ways), EntryOptions.Default, null, TestContext.Current.CancellationToken);
}
