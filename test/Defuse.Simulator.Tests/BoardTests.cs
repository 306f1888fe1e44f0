using Defuse.Transports;

namespace Defuse.Simulator.Tests;

public sealed class BoardTests
{
    [Fact]
    public void An_unknown_board_is_refused_with_the_list()
    {
        var e = Assert.Throws<SimulatedBoardException>(() => Wire.Board("nucleo-f042k6"));
        Assert.Contains("nucleo-f767zi, nucleo-g0b1re, ", e.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pybv11", "bank", "dual", "rdp, wrp, time, fresh")]
    [InlineData("nucleo-f767zi", "Bank", "dual", "bank, rdp, wrp, time, fresh")]
    [InlineData("nucleo-f767zi", "bank", "both", "single, dual")]
    [InlineData("nucleo-f767zi", "rdp", "2", "0, 1")]
    [InlineData("nucleo-f767zi", "wrp", "1,x", "sector numbers")]
    [InlineData("nucleo-f767zi", "wrp", "-1", "sector numbers")]
    [InlineData("nucleo-f767zi", "time", "2", "0 to 1")]
    [InlineData("nucleo-f767zi", "time", "-0.5", "0 to 1")]
    [InlineData("nucleo-f767zi", "fresh", "yes", "true, false")]
    public void A_wrong_option_is_refused_with_what_would_be_right(string board, string option, string value, string remedy)
    {
        var e = Assert.Throws<SimulatedBoardException>(() => Wire.Board(board, 0, (option, value)));
        Assert.Contains(remedy, e.Remedy, StringComparison.Ordinal);
        Assert.Contains(option, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_time_option_is_the_scale()
    {
        Assert.Equal(0.5, Wire.Board("pybv11", 0, ("time", "0.5")).Clock.Scale);
        Assert.Equal(0, Wire.Board("pybv11").Clock.Scale);
    }

    [Fact]
    public void Locations_name_the_instance()
    {
        Assert.Equal("sim:pybv11", Wire.Board("PYBV11").Location);
        Assert.Equal("sim:pybv11#2", Wire.Board("pybv11", 2).Location);
    }

    [Fact]
    public async Task A_board_is_unplugged_until_it_is_attached()
    {
        var board = Wire.Board("pybv11");
        Assert.Null(board.Peripheral);
        var peripheral = await board.AttachAsync(TestContext.Current.CancellationToken);
        Assert.Same(peripheral, board.Peripheral);
        Assert.Same(peripheral, await board.AttachAsync(TestContext.Current.CancellationToken));
        Assert.Same(board.Clock, peripheral.Time);
        board.Unplug();
        Assert.False(peripheral.IsConnected);
        Assert.Null(board.Peripheral);
        Assert.NotSame(peripheral, await board.AttachAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Unplugging_forgets_what_the_bootloader_knew()
    {
        var board = Wire.Board("nucleo-f767zi");
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(0x0804_0000);
        await wire.DnloadAsync(0, Wire.Address(0x41, 0x0804_0000));
        board.Unplug();
        Assert.Equal(UsbControlStatus.Disconnected, (await wire.SendAsync(0xA1, 3, 0, 0, 6)).Status);
        wire = await Wire.OpenAsync(board);
        Assert.Equal((0, 0, Wire.Idle), await wire.StatusAsync());
        await wire.DoAsync(2, 0x11);
        var flash = new byte[1];
        board.Chip.ReadFlash(0x0800_0000, flash);
        Assert.Equal(0x11, flash[0]);
        Assert.Equal(0, board.Chip.EraseCount(0x0804_0000));
    }

    [Fact]
    public async Task A_reset_comes_back_by_itself_and_unplugging_stops_it()
    {
        var board = Wire.Board("pybv11");
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, 0x92);
        await wire.StatusAsync();
        for (var i = 0; i < 1000 && board.Peripheral is null; i++)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.NotNull(board.Peripheral);

        board = Wire.Board("pybv11", 0, ("time", "1"));
        wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, 0x92);
        await wire.StatusAsync();
        Assert.Null(board.Peripheral);
        var waiting = board.AttachAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(waiting.IsCompleted);
        board.Unplug();
        Assert.True((await waiting).IsConnected);
    }

    [Fact]
    public async Task Transfers_are_counted_and_take_their_time_on_the_wire()
    {
        var board = Wire.Board("pybv11");
        var wire = await Wire.OpenAsync(board);
        foreach (var (length, milliseconds) in new[] { (0, 1), (1, 1), (64, 1), (1088, 1), (1089, 2), (2048, 2) })
        {
            var (transfers, elapsed) = (board.Transfers, board.Clock.Elapsed);
            var response = await wire.UploadAsync(2, length);
            Assert.Equal((UsbControlStatus.Ack, length), (response.Status, response.Data.Length));
            Assert.Equal((1, milliseconds), (board.Transfers - transfers, (board.Clock.Elapsed - elapsed).TotalMilliseconds));
        }
    }

    [Fact]
    public async Task A_host_in_the_same_process_can_use_it()
    {
        using var board = Wire.Board("nucleo-h743zi", 0, ("rev", "v"));
        var host = new UsbPeripheralHost([board]);
        await using var device = await host.OpenAsync(board.Location, TestContext.Current.CancellationToken);
        await device.ClaimInterfaceAsync(0, TestContext.Current.CancellationToken);
        await device.SelectAlternateSettingAsync(0, 1, TestContext.Current.CancellationToken);
        var status = new byte[6];
        Assert.Equal(6, await device.ControlInAsync(new(0xA1, 3, 0, 0, 6), status, TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        Assert.Equal([0, 0, 0, 0, 2, 0], status);
        Assert.Equal("200364500000", Assert.Single(await host.ListAsync(TestContext.Current.CancellationToken)).SerialNumber);
    }

    [Fact]
    public async Task An_erase_that_outlasts_the_hosts_timeout_is_a_timeout()
    {
        using var board = Wire.Board("nucleo-f767zi");
        await using var device = await new UsbPeripheralHost([board]).OpenAsync(board.Location, TestContext.Current.CancellationToken);
        await device.ClaimInterfaceAsync(0, TestContext.Current.CancellationToken);
        await device.ControlOutAsync(new(0x21, 1, 0, 0, 1), new byte[] { 0x41 }, TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        var getStatus = new UsbSetupPacket(0xA1, 3, 0, 0, 6);
        await device.ControlInAsync(getStatus, new byte[6], TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<TransportException>(
            async () => await device.ControlInAsync(getStatus, new byte[6], TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        Assert.Equal(TransportFailure.Timeout, e.Failure);
    }

    [Fact]
    public async Task A_served_board_follows_real_time()
    {
        var real = VirtualClock.Stepped();
        using var board = SimulatedBoardCatalog.Create(
            "pybv11", 0, new Dictionary<string, string>(StringComparer.Ordinal) { ["time"] = "0.5" }, null, VirtualClockMode.Following, real);
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, Wire.Address(0x41, 0x0802_0000));
        Assert.Equal(Wire.DnBusy, (await wire.StatusAsync()).State);
        await real.ChargeAsync(TimeSpan.FromMilliseconds(490), TestContext.Current.CancellationToken);
        Assert.Equal(Wire.DnBusy, (await wire.StatusAsync()).State);
        await real.ChargeAsync(TimeSpan.FromMilliseconds(11), TestContext.Current.CancellationToken);
        Assert.Equal(Wire.DnloadIdle, (await wire.StatusAsync()).State);
    }

    [Fact]
    public async Task A_served_board_at_scale_0_is_done_at_once()
    {
        using var board = SimulatedBoardCatalog.Create(
            "nucleo-f767zi", 0, new Dictionary<string, string>(StringComparer.Ordinal), null, VirtualClockMode.Following, VirtualClock.Stepped());
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, 0x41);
        Assert.Equal(Wire.DnBusy, (await wire.StatusAsync()).State);
        Assert.Equal(Wire.DnloadIdle, (await wire.StatusAsync()).State);
    }
}
