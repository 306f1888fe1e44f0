using Defuse.Platform.Tests.Timing;
using Defuse.Platform.Timing;
using Defuse.Platform.Windows;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Windows;

/// <summary>Devices that are opened, asked and lost, over calls that fail on what the real ones fail on.</summary>
public sealed class WinUsbHostTests : IAsyncDisposable
{
    private static readonly Guid Guid1 = new("6d98a87f-4ecf-464d-89ed-8c684d857a75");
    private static readonly Guid Guid2 = new("01105872-bf45-43be-8b67-3c0f2b8cf0d9");
    private static readonly UsbSetupPacket GetStatus = new(0xA1, 3, 0, 0, 6);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeWindows _windows = new();
    private readonly FakeNode _hub;
    private readonly List<IUsbDevice> _devices = [];
    private bool _hasLibUsbK;

    public WinUsbHostTests() => _hub = _windows.Controller(0x14);

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices)
        {
            await device.DisposeAsync();
        }

        Assert.Equal(0, _windows.OpenHandles);
        Assert.Equal(0, _windows.Listeners);
    }

    [Fact]
    public async Task A_board_answers_through_WinUSB()
    {
        var function = Board();
        byte[]? sent = null;
        function.Answer = (setup, data) =>
        {
            sent = data;
            return setup.IsIn ? FakeAnswer.Of(0, 0, 0, 0, 2, 0) : FakeAnswer.Of();
        };
        var device = await OpenAsync("1-4");
        await device.ClaimInterfaceAsync(0, default);
        await device.ClaimInterfaceAsync(0, default);
        await device.SelectAlternateSettingAsync(0, 1, default);
        var buffer = new byte[6];
        Assert.Equal(6, await device.ControlInAsync(GetStatus, buffer, Second, default));
        Assert.Equal([0, 0, 0, 0, 2, 0], buffer);
        await device.ControlOutAsync(new(0x21, 1, 2, 0, 3), (byte[])[7, 8, 9], Second, default);
        Assert.Equal([7, 8, 9], sent);
        Assert.Equal([((byte)0, (byte)1)], function.Selected);
        Assert.Equal("1-4", device.Info.Location);
    }

    [Fact]
    public async Task Transfers_that_end_before_the_call_returns_are_no_different()
    {
        var function = Board();
        function.IsSynchronous = true;
        function.Answer = (_, _) => FakeAnswer.Of(1, 2);
        var buffer = new byte[6];
        Assert.Equal(2, await (await OpenAsync("1-4")).ControlInAsync(GetStatus, buffer, Second, default));
        Assert.Equal([1, 2, 0, 0, 0, 0], buffer);
    }

    [Fact]
    public async Task A_second_GUID_is_tried_where_the_first_leads_nowhere()
    {
        var board = _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", Guid1, Guid2);
        board.Interfaces.RemoveAt(0);
        await OpenAsync("1-4");
        Assert.Equal(1, board.Function!.Opened);
    }

    [Fact]
    public async Task A_registered_GUID_whose_interface_is_not_there_is_told()
    {
        var board = _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", Guid1);
        board.Interfaces.Clear();
        var e = await RefusedAsync("1-4");
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains(Guid1.ToString(), e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Plug it in again", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LibusbK_is_used_where_it_is_bound_and_there()
    {
        var function = _windows.Board(_hub, 4).Bind("libusbK", "libusbK devices", Guid1).Function!;
        Assert.Equal(TransportFailure.CannotOpen, (await RefusedAsync("1-4")).Failure);
        _hasLibUsbK = true;
        _windows.WinUsb.HasLibUsbK = true;
        await OpenAsync("1-4");
        Assert.Equal(1, function.Opened);
    }

    [Theory]
    [InlineData(5, TransportFailure.CannotOpen)]
    [InlineData(32, TransportFailure.CannotOpen)]
    [InlineData(2, TransportFailure.Disconnected)]
    [InlineData(31, TransportFailure.CannotOpen)]
    public async Task What_opening_fails_with_is_told(int error, TransportFailure expected)
    {
        Board().OpenError = error;
        Assert.Equal(expected, (await RefusedAsync("1-4")).Failure);
    }

    [Fact]
    public async Task A_driver_that_is_another_one_than_the_registry_says_leaves_nothing_open()
    {
        Board().InitializeError = 1;
        var e = await RefusedAsync("1-4");
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains("error 1", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, _windows.OpenHandles);
    }

    [Fact]
    public async Task A_board_that_another_program_has_is_in_use()
    {
        Board();
        await OpenAsync("1-4");
        var e = await RefusedAsync("1-4");
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains("another program", e.Message, StringComparison.Ordinal);
        await _devices[0].DisposeAsync();
        await OpenAsync("1-4");
    }

    [Fact]
    public async Task What_cannot_be_opened_says_what_the_list_says()
    {
        _windows.Board(_hub, 4).Bind("STTub30", "USB");
        var problem = Assert.Single(await Host().ListAsync(default)).Problem!;
        var e = await RefusedAsync("1-4");
        Assert.Equal((TransportFailure.CannotOpen, problem.Reason, problem.Remedy), (e.Failure, e.Message, e.Remedy));
        Assert.Equal(TransportFailure.Disconnected, (await RefusedAsync("1-5")).Failure);
    }

    [Fact]
    public async Task A_device_that_leaves_between_listing_and_opening_is_disconnected()
    {
        var board = _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", Guid1);
        _windows.WinUsb.Opening = () => _windows.Plug(board, isPresent: false);
        Assert.Equal(TransportFailure.Disconnected, (await RefusedAsync("1-4")).Failure);

        _windows.Plug(board, isPresent: true);
        _windows.WinUsb.Opening = null;
        var interfaces = 0;
        _windows.Calling = x =>
        {
            if (x == nameof(IWindowsDeviceTree.GetDeviceInterfaceListSize) && ++interfaces == 2)
            {
                _windows.Plug(board, isPresent: false);
            }
        };
        Assert.Equal(TransportFailure.Disconnected, (await RefusedAsync("1-4")).Failure);
    }

    [Fact]
    public async Task Two_boards_with_one_serial_number_are_opened_by_their_ports()
    {
        var first = _windows.Board(_hub, 1, "200364500000").Bind("WinUSB", "USBDevice", Guid1).Function!;
        var second = _windows.Board(_hub, 2, "6&1A2B3C4D&0&2").Bind("WinUSB", "USBDevice", Guid1).Function!;
        await OpenAsync("1-2");
        Assert.Equal((0, 1), (first.Opened, second.Opened));
        await OpenAsync("1-1");
        Assert.Equal((1, 1), (first.Opened, second.Opened));
    }

    [Theory]
    [InlineData(31, true, TransportFailure.Stall)]
    [InlineData(31, false, TransportFailure.Disconnected)]
    [InlineData(22, true, TransportFailure.Disconnected)]
    [InlineData(2, true, TransportFailure.Disconnected)]
    [InlineData(433, true, TransportFailure.Disconnected)]
    [InlineData(1167, true, TransportFailure.Disconnected)]
    [InlineData(1617, true, TransportFailure.Disconnected)]
    [InlineData(995, false, TransportFailure.Disconnected)]
    [InlineData(995, true, TransportFailure.Fault)]
    [InlineData(1117, true, TransportFailure.Fault)]
    public async Task What_a_transfer_fails_with_is_told(int error, bool stays, TransportFailure expected)
    {
        var board = _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", Guid1);
        board.Function!.Answer = (_, _) =>
        {
            _windows.Plug(board, stays);
            return FakeAnswer.Failed(error);
        };
        var device = await OpenAsync("1-4");
        Assert.Equal(expected, (await FailsAsync(device, GetStatus, Second)).Failure);
    }

    [Fact]
    public async Task A_STALL_leaves_the_pipe_usable()
    {
        var function = Board();
        var device = await OpenAsync("1-4");
        function.Answer = (_, _) => FakeAnswer.Failed(31);
        await FailsAsync(device, GetStatus, Second);
        function.Answer = (_, _) => FakeAnswer.Of(1);
        Assert.Equal(1, await device.ControlInAsync(GetStatus, new byte[6], Second, default));
        Assert.Equal(1, function.Opened);
    }

    [Fact]
    public async Task Each_request_has_its_own_time()
    {
        var function = Board();
        var device = await OpenAsync("1-4");
        foreach (var seconds in (int[])[5, 5, 35, 5])
        {
            await device.ControlInAsync(GetStatus, new byte[6], TimeSpan.FromSeconds(seconds), default);
        }

        Assert.Equal([5000u, 35000u, 5000u], function.Timeouts.Select(x => x.Milliseconds));
    }

    [Fact]
    public async Task A_GETSTATUS_that_the_driver_gives_up_early_is_asked_again_on_a_new_handle()
    {
        var function = Board(0, 2);
        function.TakesTimeouts = false;
        var device = await OpenAsync("1-4");
        await device.ClaimInterfaceAsync(2, default);
        await device.SelectAlternateSettingAsync(2, 3, default);
        var asked = 0;
        function.Answer = (_, _) => ++asked < 3 ? FakeAnswer.SemaphoreTimeout : FakeAnswer.Of(0, 0, 0, 0, 5, 0);
        var buffer = new byte[6];
        Assert.Equal(6, await device.ControlInAsync(GetStatus with { Index = 2 }, buffer, TimeSpan.FromSeconds(35), default));
        Assert.Equal(5, buffer[4]);
        Assert.Equal((3, 3), (asked, function.Opened));

        // Opened anew, it has the alternate setting that it had.
        Assert.Equal([(2, 3), (2, 3), (2, 3)], function.Selected.Select(x => ((int)x.Interface, (int)x.AlternateSetting)));
    }

    [Fact]
    public async Task A_device_that_does_not_answer_in_the_time_asked_for_is_a_timeout_and_can_be_asked_again()
    {
        var function = Board();
        var device = await OpenAsync("1-4");
        function.Answer = (_, _) => FakeAnswer.SemaphoreTimeout;
        var e = await FailsAsync(device, GetStatus, TimeSpan.FromMilliseconds(200));
        Assert.Equal(TransportFailure.Timeout, e.Failure);
        function.Answer = (_, _) => FakeAnswer.Of(1);
        Assert.Equal(1, await device.ControlInAsync(GetStatus, new byte[6], Second, default));
        Assert.Equal(2, function.Opened);
    }

    [Fact]
    public async Task What_is_sent_is_never_sent_twice()
    {
        var function = Board();
        var device = await OpenAsync("1-4");
        function.Answer = (_, _) => FakeAnswer.SemaphoreTimeout;
        var e = await Assert.ThrowsAsync<TransportException>(async () => await device.ControlOutAsync(new(0x21, 1, 2, 0, 1), new byte[1], TimeSpan.FromSeconds(35), default));
        Assert.Equal(TransportFailure.Timeout, e.Failure);
        Assert.Single(function.Transfers);
    }

    [Fact]
    public async Task A_device_that_left_while_nothing_was_heard_of_it_is_disconnected()
    {
        var board = _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", Guid1);
        var device = await OpenAsync("1-4");
        board.Function!.Answer = (_, _) =>
        {
            _windows.Plug(board, isPresent: false);
            return FakeAnswer.SemaphoreTimeout;
        };
        Assert.Equal(TransportFailure.Disconnected, (await FailsAsync(device, GetStatus, TimeSpan.FromSeconds(35))).Failure);
    }

    [Fact]
    public async Task A_driver_that_never_ends_a_transfer_is_made_to()
    {
        var clock = new FakeClock();
        var function = Board();
        function.Answer = (_, _) => FakeAnswer.Never;
        var device = await OpenAsync("1-4", new PreciseTimeProvider(clock.CreateWaiter, clock));
        var answer = FailsAsync(device, GetStatus, TimeSpan.FromSeconds(35));
        clock.AwaitWait(x => x > TimeSpan.FromSeconds(30));
        clock.Advance(35_000);
        Assert.Equal(1, _windows.WinUsb.Pending);
        clock.Advance(2_000);
        Assert.Equal(TransportFailure.Timeout, (await answer.WaitAsync(Patience)).Failure);
        Assert.Equal(0, _windows.WinUsb.Pending);
    }

    [Fact]
    public async Task A_transfer_that_is_called_off_ends_before_anything_else_happens()
    {
        var function = Board();
        function.Answer = (_, _) => FakeAnswer.Never;
        var device = await OpenAsync("1-4");
        using var cancel = new CancellationTokenSource();
        var answer = device.ControlInAsync(GetStatus, new byte[6], TimeSpan.FromSeconds(35), cancel.Token).AsTask();
        Assert.True(SpinWait.SpinUntil(() => _windows.WinUsb.Pending == 1, Patience));
        var disposal = device.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer.WaitAsync(Patience));
        await disposal.WaitAsync(Patience);
        Assert.Equal(0, _windows.OpenHandles);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await device.ControlInAsync(GetStatus, new byte[6], Second, default));
    }

    [Fact]
    public async Task Interfaces_after_the_first_one_have_handles_of_their_own()
    {
        var function = Board(0, 1, 2);
        var device = await OpenAsync("1-4");
        await device.ClaimInterfaceAsync(2, default);
        await device.ClaimInterfaceAsync(1, default);
        await device.SelectAlternateSettingAsync(2, 4, default);
        Assert.Equal(4, _windows.OpenHandles);
        foreach (var number in (byte[])[0, 1, 2])
        {
            await device.ControlInAsync(GetStatus with { Index = number }, new byte[6], Second, default);
        }

        Assert.Equal([((byte)2, (byte)4)], function.Selected);
        var e = await Assert.ThrowsAsync<TransportException>(async () => await device.ClaimInterfaceAsync(7, default));
        Assert.Equal(TransportFailure.Protocol, e.Failure);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await device.SelectAlternateSettingAsync(0, 1, default));
    }

    [Fact]
    public async Task A_function_of_a_composite_device_is_opened_by_its_own_path()
    {
        var composite = _windows.Device(_hub, 5, "VID_0483&PID_DF11", "3170").List(DevicePropertyKey.CompatibleIds, @"USB\COMPOSITE").Bind("usbccgp", "USB");
        var dfu = _windows.Node(@"USB\VID_0483&PID_DF11&MI_01\7&1234&0&0001", composite)
            .List(DevicePropertyKey.CompatibleIds, @"USB\Class_FE&SubClass_01&Prot_02")
            .Bind("WinUSB", "USBDevice", Guid1).Function!;
        dfu.InterfaceNumbers = [1];
        var device = await OpenAsync("1-5");
        await device.ClaimInterfaceAsync(1, default);
        await device.ControlInAsync(GetStatus with { Index = 1 }, new byte[6], Second, default);
        Assert.Equal(1, dfu.Opened);
    }

    [Fact]
    public async Task Packets_that_do_not_fit_their_buffers_are_misuse()
    {
        Board();
        var device = await OpenAsync("1-4");
        await Assert.ThrowsAsync<ArgumentException>(async () => await device.ControlInAsync(GetStatus, new byte[5], Second, default));
        await Assert.ThrowsAsync<ArgumentException>(async () => await device.ControlInAsync(GetStatus with { RequestType = 0x21 }, new byte[6], Second, default));
        await Assert.ThrowsAsync<ArgumentException>(async () => await device.ControlOutAsync(GetStatus, new byte[6], Second, default));
    }

    [Fact]
    public async Task Sixty_boards_opened_asked_and_closed_leave_nothing_open()
    {
        for (var i = 0; i < 60; i++)
        {
            var function = _windows.Board(_hub, (byte)(i + 1), $"{i:X12}").Bind("WinUSB", "USBDevice", Guid1).Function!;
            var mine = (byte)i;
            function.Answer = (_, _) => FakeAnswer.Of(mine);
        }

        var host = Host();
        var devices = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            var device = await host.OpenAsync($"1-{i + 1}", default);
            var buffer = new byte[6];
            await device.ControlInAsync(GetStatus, buffer, Patience, default);
            Assert.Equal(i, buffer[0]);
            return device;
        }));
        Assert.Equal(120, _windows.OpenHandles);
        foreach (var device in devices)
        {
            await device.DisposeAsync();
            await device.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Changes_are_told_as_they_happen(bool tells)
    {
        _windows.TellsOfChanges = tells;
        var board = _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", Guid1);
        using var end = new CancellationTokenSource(Patience);
        var counts = new List<int>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var devices in ((IUsbHost)Host()).WatchAsync(end.Token))
            {
                counts.Add(devices.Count);
                if (counts.Count < 3)
                {
                    _windows.Plug(board, isPresent: counts.Count == 2);
                }
                else
                {
                    await end.CancelAsync();
                }
            }
        });
        Assert.Equal([1, 0, 1], counts);
        Assert.Equal(0, _windows.Listeners);
    }

    [Fact]
    public async Task A_change_is_looked_at_once()
    {
        var board = _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", Guid1);
        var lists = 0;
        _windows.Calling = x => lists += x == nameof(IWindowsDeviceTree.GetDeviceIdListSize) ? 1 : 0;
        using var end = new CancellationTokenSource(TimeSpan.FromMilliseconds(700));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var devices in ((IUsbHost)Host()).WatchAsync(end.Token))
            {
                if (devices.Count == 1)
                {
                    _windows.Plug(board, isPresent: false);
                }
            }
        });
        Assert.InRange(lists, 2, 3);
    }

    private WinUsbHost Host(TimeProvider? time = null) =>
        new(_windows.WinUsb, new WindowsInventory(_windows, new(_hasLibUsbK, HasLibUsb: false)), time ?? TimeProvider.System);

    private FakeFunction Board(params byte[] interfaces)
    {
        var function = _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", Guid1).Function!;
        function.InterfaceNumbers = interfaces.Length == 0 ? [0] : interfaces;
        return function;
    }

    private async Task<IUsbDevice> OpenAsync(string location, TimeProvider? time = null)
    {
        var device = await Host(time).OpenAsync(location, default);
        _devices.Add(device);
        return device;
    }

    private async Task<TransportException> RefusedAsync(string location) =>
        await Assert.ThrowsAsync<TransportException>(async () => await Host().OpenAsync(location, default));

    private static async Task<TransportException> FailsAsync(IUsbDevice device, UsbSetupPacket setup, TimeSpan timeout) =>
        await Assert.ThrowsAsync<TransportException>(async () => await device.ControlInAsync(setup, new byte[setup.Length], timeout, default));
}
