using System.Diagnostics;
using Defuse.Transports;

namespace Defuse.UsbIp.Tests;

/// <summary>The client against the server, over real loopback sockets.</summary>
public sealed class ClientAndServerTests : IAsyncLifetime
{
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(10);
    private static readonly UsbSetupPacket GetStatus = new(0xA1, 3, 0, 0, 6);

    private readonly ServerEvents _events = new();
    private readonly FakeSocket _first = new("sim:one", () => new FakePeripheral());
    private readonly FakeSocket _second = new("sim:two", () => new FakePeripheral { Speed = UsbSpeed.High });
    private UsbIpServer _server = null!;
    private UsbIpHost _host = null!;

    public ValueTask InitializeAsync()
    {
        _server = UsbIpServer.Start([_first, _second], port: 0, events: _events);
        _host = new UsbIpHost("127.0.0.1", _server.EndPoint.Port);
        return default;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Exports_are_listed_with_what_a_list_can_tell()
    {
        var devices = await _host.ListAsync(default);
        Assert.Equal(["1-1", "1-2"], devices.Select(x => x.Location));
        Assert.Equal([UsbSpeed.Full, UsbSpeed.High], devices.Select(x => x.Speed));
        Assert.All(devices, x =>
        {
            Assert.Equal((0x0483, 0xDF11, 0x2200), (x.VendorId, x.ProductId, x.DeviceRelease));
            Assert.Equal([new UsbInterfaceInfo(0xFE, 1, 2)], x.Interfaces);
            Assert.Null(x.Problem);
        });
        Assert.Equal(["1-1", "1-2"], _server.Exports.Select(x => x.Key));
    }

    [Fact]
    public async Task A_board_that_left_the_bus_is_plugged_in_anew_by_listing()
    {
        await _host.ListAsync(default);
        _first.Current!.IsConnected = false;
        Assert.Equal(2, (await _host.ListAsync(default)).Count);
        Assert.Equal(2, _first.Attached);
    }

    [Fact]
    public async Task A_board_that_cannot_be_had_is_not_listed_and_is_busy()
    {
        _first.CannotAttach = new TransportException(TransportFailure.CannotOpen, "another process is using it");
        Assert.Equal(["1-2"], (await _host.ListAsync(default)).Select(x => x.Location));
        var e = await Assert.ThrowsAsync<TransportException>(async () => await _host.OpenAsync("1-1", default));
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Equal("another process is using it", (await _events.WaitForAsync(UsbIpServerEventKind.Refused)).Detail);
    }

    [Fact]
    public async Task Opening_tells_the_strings_too()
    {
        await using var device = await _host.OpenAsync("1-2", default);
        Assert.Equal(("STM32  BOOTLOADER", "FFFFFFFEFFFF"), (device.Info.Product, device.Info.SerialNumber));
        Assert.Equal((UsbSpeed.High, "1-2"), (device.Info.Speed, device.Info.Location));
        Assert.Equal([new UsbInterfaceInfo(0xFE, 1, 2)], device.Info.Interfaces);
        Assert.Same(TimeProvider.System, device.Time);
    }

    [Fact]
    public async Task Strings_that_cannot_be_read_are_left_out()
    {
        await using var server = UsbIpServer.Start(
            [new FakeSocket("sim", () => new FakePeripheral { Refuses = x => x.Request == 6 && x.Value >> 8 == 3 })], port: 0);
        await using var device = await new UsbIpHost("127.0.0.1", server.EndPoint.Port).OpenAsync("1-1", default);
        Assert.Equal((null, null), (device.Info.Product, device.Info.SerialNumber));
        Assert.Single(device.Info.Interfaces);
    }

    [Fact]
    public async Task Claiming_configures_a_device_that_is_not_and_only_once()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        Assert.Equal(0, _first.Current!.ConfigurationValue);
        await device.ClaimInterfaceAsync(0, default);
        await device.ClaimInterfaceAsync(0, default);
        Assert.Equal(1, _first.Current.ConfigurationValue);
        Assert.Single(_first.Current.Requests, x => x.Request == UsbStandardRequest.SetConfiguration);
        await device.DisposeAsync();
        await _events.WaitForAsync(UsbIpServerEventKind.Detached);

        await using var again = await _host.OpenAsync("1-1", default);
        await again.ClaimInterfaceAsync(0, default);
        Assert.Single(_first.Current.Requests, x => x.Request == UsbStandardRequest.SetConfiguration);
    }

    [Fact]
    public async Task An_alternate_setting_is_selected()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        await device.ClaimInterfaceAsync(0, default);
        await device.SelectAlternateSettingAsync(0, 1, default);
        Assert.Equal(1, _first.Current!.Alternate);
        var e = await Assert.ThrowsAsync<TransportException>(async () => await device.SelectAlternateSettingAsync(0, 7, default));
        Assert.Equal(TransportFailure.Stall, e.Failure);
    }

    [Fact]
    public async Task Bytes_go_out_and_come_back_whole()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        var memory = new byte[65535];
        _first.Current!.Script = (setup, data, _) =>
        {
            if (setup.IsIn)
            {
                return new(new UsbControlResponse(UsbControlStatus.Ack, memory.AsMemory(0, setup.Length)));
            }

            data.CopyTo(memory);
            return new(UsbControlResponse.Ack);
        };
        var random = new Random(1);
        foreach (var length in (int[])[0, 1, 63, 64, 65, 2048, 65535])
        {
            var sent = new byte[length];
            random.NextBytes(sent);
            await device.ControlOutAsync(new UsbSetupPacket(0x21, 1, 2, 0, (ushort)length), sent, Enough, default);
            var received = new byte[length];
            Assert.Equal(length, await device.ControlInAsync(new UsbSetupPacket(0xA1, 2, 2, 0, (ushort)length), received, Enough, default));
            Assert.Equal(sent, received);
        }

        Assert.False(_first.Current.Overlapped);
    }

    [Fact]
    public async Task A_short_read_is_no_error()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        _first.Current!.Script = (_, _, _) => new(new UsbControlResponse(UsbControlStatus.Ack, new byte[] { 1, 2, 3 }));
        var buffer = new byte[6];
        Assert.Equal(3, await device.ControlInAsync(GetStatus, buffer, Enough, default));
        Assert.Equal([1, 2, 3, 0, 0, 0], buffer);
    }

    [Fact]
    public async Task A_stall_is_a_stall_and_the_next_transfer_works()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        _first.Current!.Script = (setup, _, _) => new(setup.IsIn ? new UsbControlResponse(UsbControlStatus.Ack, new byte[6]) : UsbControlResponse.Stall);
        var e = await Assert.ThrowsAsync<TransportException>(async () =>
            await device.ControlOutAsync(new UsbSetupPacket(0x21, 1, 0, 0, 2), new byte[2], Enough, default));
        Assert.Equal(TransportFailure.Stall, e.Failure);
        Assert.Equal(6, await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
    }

    [Fact]
    public async Task A_device_that_sends_too_much_is_a_fault()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        _first.Current!.Script = (_, _, _) => new(new UsbControlResponse(UsbControlStatus.Ack, new byte[7]));
        var e = await Assert.ThrowsAsync<TransportException>(async () => await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
        Assert.Equal(TransportFailure.Fault, e.Failure);
        Assert.Contains("EOVERFLOW", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_fails_inside_is_a_fault_and_the_server_lives()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        _first.Current!.Script = (_, _, _) => throw new InvalidOperationException("a defect");
        var e = await Assert.ThrowsAsync<TransportException>(async () => await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
        Assert.Equal(TransportFailure.Fault, e.Failure);
        _first.Current.Script = (_, _, _) => new(new UsbControlResponse(UsbControlStatus.Ack, new byte[6]));
        Assert.Equal(6, await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
    }

    [Fact]
    public async Task A_late_answer_is_waited_for()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        _first.Current!.Script = async (_, _, token) =>
        {
            await Task.Delay(300, token);
            return new UsbControlResponse(UsbControlStatus.Ack, new byte[6]);
        };
        var clock = Stopwatch.StartNew();
        Assert.Equal(6, await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
        Assert.True(clock.ElapsedMilliseconds >= 250);
    }

    [Fact]
    public async Task A_timeout_takes_the_transfer_back_and_the_next_one_works()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        var givenUp = new TaskCompletionSource();
        _first.Current!.Script = async (_, _, token) =>
        {
            token.Register(() => givenUp.TrySetResult());
            await Task.Delay(Timeout.Infinite, token);
            return default;
        };
        var e = await Assert.ThrowsAsync<TransportException>(async () =>
            await device.ControlInAsync(GetStatus, new byte[6], TimeSpan.FromMilliseconds(100), default));
        Assert.Equal(TransportFailure.Timeout, e.Failure);
        await givenUp.Task.WaitAsync(Enough);
        _first.Current.Script = (_, _, _) => new(new UsbControlResponse(UsbControlStatus.Ack, new byte[6]));
        Assert.Equal(6, await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
        Assert.False(_first.Current.Overlapped);
    }

    [Fact]
    public async Task An_answer_that_wins_against_the_unlink_counts()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        _first.Current!.Script = async (_, _, token) =>
        {
            // Answers because it is given up: the server then has both, the answer and the unlink.
            await Task.Delay(Timeout.Infinite, token).ContinueWith(_ => { }, TaskScheduler.Default);
            return new UsbControlResponse(UsbControlStatus.Ack, new byte[] { 9, 8, 7 });
        };
        var buffer = new byte[6];
        Assert.Equal(3, await device.ControlInAsync(GetStatus, buffer, TimeSpan.FromMilliseconds(50), default));
        Assert.Equal(9, buffer[0]);
        Assert.Equal(3, await device.ControlInAsync(GetStatus, buffer, TimeSpan.FromMilliseconds(50), default));
    }

    [Fact]
    public async Task Cancelling_takes_the_transfer_back_and_the_next_one_works()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        var started = new TaskCompletionSource();
        _first.Current!.Script = async (_, _, token) =>
        {
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return default;
        };
        using var cancelling = new CancellationTokenSource();
        var transfer = device.ControlInAsync(GetStatus, new byte[6], Enough, cancelling.Token).AsTask();
        await started.Task.WaitAsync(Enough);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transfer.WaitAsync(Enough));
        _first.Current.Script = (_, _, _) => new(new UsbControlResponse(UsbControlStatus.Ack, new byte[6]));
        Assert.Equal(6, await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
    }

    [Fact]
    public async Task A_device_that_leaves_in_mid_transfer_is_disconnected()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        var peripheral = _first.Current!;
        peripheral.Script = (_, _, _) =>
        {
            peripheral.IsConnected = false;
            return new(UsbControlResponse.Disconnected);
        };
        await DisconnectedAsync(async () => await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
        await DisconnectedAsync(async () => await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
        await DisconnectedAsync(async () => await device.ClaimInterfaceAsync(0, default));
        await _events.WaitForAsync(UsbIpServerEventKind.Unplugged);
    }

    [Fact]
    public async Task The_last_answer_of_a_device_that_leaves_arrives_and_it_can_be_opened_again_at_once()
    {
        for (var i = 0; i < 20; i++)
        {
            await using var device = await _host.OpenAsync("1-1", default);
            var peripheral = _first.Current!;
            peripheral.Script = (_, _, _) =>
            {
                peripheral.IsConnected = false;
                return new(new UsbControlResponse(UsbControlStatus.Ack, new byte[6]));
            };
            Assert.Equal(6, await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
            await DisconnectedAsync(async () => await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
            Assert.Equal(i + 1, _first.Attached);
        }
    }

    [Fact]
    public async Task A_device_that_leaves_while_idle_is_unplugged_too()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        _first.Current!.IsConnected = false;
        await _events.WaitForAsync(UsbIpServerEventKind.Unplugged);
        await DisconnectedAsync(async () => await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
    }

    [Fact]
    public async Task One_client_at_a_time_has_a_device()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        var e = await Assert.ThrowsAsync<TransportException>(async () => await _host.OpenAsync("1-1", default));
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains("in use", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
        Assert.Equal(2, (await _host.ListAsync(default)).Count);

        await device.DisposeAsync();
        await _events.WaitForAsync(UsbIpServerEventKind.Detached);
        await using var again = await _host.OpenAsync("1-1", default);
    }

    [Fact]
    public async Task Listing_does_not_disturb_a_device_in_use()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        var release = new TaskCompletionSource();
        _first.Current!.Script = async (_, _, _) =>
        {
            await release.Task;
            return UsbControlResponse.Ack;
        };
        var transfer = device.ControlOutAsync(new UsbSetupPacket(0x21, 1, 0, 0, 0), default, Enough, default);
        Assert.Equal(2, (await _host.ListAsync(default)).Count);
        release.SetResult();
        await transfer;
        Assert.False(_first.Current.Overlapped);
    }

    [Fact]
    public async Task A_bus_id_that_is_not_there_names_those_that_are()
    {
        foreach (var busId in (string[])["9-9", "", new string('1', 40), "caf\u00e9"])
        {
            var e = await Assert.ThrowsAsync<TransportException>(async () => await _host.OpenAsync(busId, default));
            Assert.Equal(TransportFailure.Disconnected, e.Failure);
            Assert.Contains($"\"{busId}\"", e.Message, StringComparison.Ordinal);
            Assert.Contains("1-1 (0483:df11), 1-2 (0483:df11)", e.Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Two_devices_work_side_by_side()
    {
        await using var one = await _host.OpenAsync("1-1", default);
        await using var two = await _host.OpenAsync("1-2", default);
        foreach (var (socket, value) in new[] { (_first, (byte)1), (_second, (byte)2) })
        {
            socket.Current!.Script = async (setup, _, _) =>
            {
                await Task.Yield();
                return new UsbControlResponse(UsbControlStatus.Ack, Enumerable.Repeat(value, setup.Length).ToArray());
            };
        }

        await Task.WhenAll(ManyAsync(one, 1), ManyAsync(two, 2));

        static async Task ManyAsync(IUsbDevice device, byte expected)
        {
            var buffer = new byte[64];
            for (var i = 0; i < 300; i++)
            {
                Assert.Equal(64, await device.ControlInAsync(new UsbSetupPacket(0xA1, 2, 0, 0, 64), buffer, Enough, default));
                Assert.All(buffer, x => Assert.Equal(expected, x));
            }
        }
    }

    [Fact]
    public async Task Transfers_of_several_callers_are_not_mixed_up()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        _first.Current!.Script = async (setup, _, _) =>
        {
            await Task.Yield();
            return new UsbControlResponse(UsbControlStatus.Ack, BitConverter.GetBytes(setup.Value));
        };
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            var buffer = new byte[2];
            await device.ControlInAsync(new UsbSetupPacket(0xA1, 2, (ushort)i, 0, 2), buffer, Enough, default);
            Assert.Equal(i, BitConverter.ToUInt16(buffer));
        }));
        Assert.False(_first.Current.Overlapped);
    }

    [Fact]
    public async Task A_server_that_stops_unplugs_its_devices()
    {
        await using var device = await _host.OpenAsync("1-1", default);
        _first.Current!.Script = async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return default;
        };
        var transfer = device.ControlInAsync(GetStatus, new byte[6], Enough, default).AsTask();
        await _server.DisposeAsync().AsTask().WaitAsync(Enough);
        await DisconnectedAsync(() => transfer.WaitAsync(Enough));
        var e = await Assert.ThrowsAsync<TransportException>(async () => await _host.ListAsync(default));
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains("defuse simulate", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_so()
    {
        var e = Assert.Throws<TransportException>(() => UsbIpServer.Start([], port: _server.EndPoint.Port));
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains("another port", e.Remedy, StringComparison.Ordinal);
        await _server.DisposeAsync();
        await using var next = UsbIpServer.Start([], port: _server.EndPoint.Port);
        var empty = await Assert.ThrowsAsync<TransportException>(async () => await _host.OpenAsync("1-1", default));
        Assert.Contains("nothing at all", empty.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_misuse_is_not_sent()
    {
        var device = await _host.OpenAsync("1-1", default);
        var before = _first.Current!.Requests.Count;
        await Assert.ThrowsAsync<ArgumentException>(async () => await device.ControlInAsync(GetStatus, new byte[5], Enough, default));
        await Assert.ThrowsAsync<ArgumentException>(async () => await device.ControlOutAsync(GetStatus, new byte[6], Enough, default));
        await device.DisposeAsync();
        await device.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
        Assert.Equal(before, _first.Current.Requests.Count);
    }

    [Fact]
    public async Task Events_tell_who_came_and_went()
    {
        var device = await _host.OpenAsync("1-2", default);
        await device.DisposeAsync();
        var detached = await _events.WaitForAsync(UsbIpServerEventKind.Detached);
        Assert.Equal(("1-2", "sim:two"), (detached.BusId, detached.Location));
        Assert.NotNull(detached.Client);
        Assert.Equal([UsbIpServerEventKind.Attached, UsbIpServerEventKind.Detached], _events.Kinds);
    }

    private static async Task DisconnectedAsync(Func<Task> action) =>
        Assert.Equal(TransportFailure.Disconnected, (await Assert.ThrowsAsync<TransportException>(action)).Failure);
}
