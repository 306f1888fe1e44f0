using Defuse.Transports;
using Defuse.UsbIp.Wire;

namespace Defuse.UsbIp.Tests;

/// <summary>The server against a client whose every message is scripted: what Linux's vhci_hcd may do, and worse.</summary>
public sealed class ServerTests : IAsyncLifetime
{
    private static readonly UsbSetupPacket GetStatus = new(0xA1, 3, 0, 0, 6);

    private readonly ServerEvents _events = new();
    private readonly FakeSocket _socket = new("sim", () => new FakePeripheral());
    private UsbIpServer _server = null!;

    public ValueTask InitializeAsync()
    {
        _server = UsbIpServer.Start([_socket], port: 0, events: _events);
        return default;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_import_describes_the_device()
    {
        var (peer, device) = await RawPeer.ImportAsync(_server.EndPoint);
        using var _ = peer;
        Assert.Equal(
            new UsbDeviceRecord
            {
                Path = "/sys/devices/defuse/usb1/1-1",
                BusId = "1-1",
                BusNum = 1,
                DevNum = 1,
                Speed = UsbSpeed.Full,
                VendorId = 0x0483,
                ProductId = 0xDF11,
                DeviceRelease = 0x2200,
                NumConfigurations = 1,
                NumInterfaces = 1,
            },
            device);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(18)]
    [InlineData(64)]
    [InlineData(255)]
    public async Task Descriptors_are_cut_to_the_length_asked_for(int length)
    {
        using var peer = await ImportAsync();
        await peer.SendAsync(new CmdSubmit(1, 0x10001, true, 0, length, new UsbSetupPacket(0x80, 6, 0x0100, 0, (ushort)length)));
        var reply = await peer.ReadAsync<RetSubmit>();
        Assert.Equal(new RetSubmit(1, 0, Math.Min(18, length)), reply);
        Assert.Equal(18, (await peer.ReadAsync(reply.ActualLength))[0]);
    }

    [Fact]
    public async Task Transfers_run_in_order_one_at_a_time_and_commands_are_read_meanwhile()
    {
        using var peer = await ImportAsync();
        var release = new TaskCompletionSource();
        _socket.Current!.Script = async (setup, _, _) =>
        {
            if (setup.Value == 1)
            {
                await release.Task;
            }

            return UsbControlResponse.Ack;
        };
        await peer.SendAsync(Out(1, 1));
        await peer.SendAsync(Out(2, 2));
        await peer.SendAsync(Out(3, 3));
        await peer.SendAsync(new CmdUnlink(4, 0x10001, 2));
        Assert.Equal(new RetUnlink(4, -104), await peer.ReadAsync<RetUnlink>());
        release.SetResult();
        Assert.Equal(new RetSubmit(1, 0, 0), await peer.ReadAsync<RetSubmit>());
        Assert.Equal(new RetSubmit(3, 0, 0), await peer.ReadAsync<RetSubmit>());
        Assert.DoesNotContain(_socket.Current.Requests, x => x.RequestType == 0x21 && x.Value == 2);
        Assert.False(_socket.Current.Overlapped);
    }

    [Fact]
    public async Task Unlinking_the_running_transfer_gives_it_up_without_an_answer()
    {
        using var peer = await ImportAsync();
        var started = new TaskCompletionSource();
        _socket.Current!.Script = async (_, _, token) =>
        {
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return default;
        };
        await peer.SendAsync(Out(1, 1));
        await started.Task;
        await peer.SendAsync(new CmdUnlink(2, 0x10001, 1));
        Assert.Equal(new RetUnlink(2, -104), await peer.ReadAsync<RetUnlink>());
        _socket.Current.Script = (_, _, _) => new(UsbControlResponse.Ack);
        await peer.SendAsync(Out(3, 1));
        Assert.Equal(new RetSubmit(3, 0, 0), await peer.ReadAsync<RetSubmit>());
    }

    [Fact]
    public async Task A_running_transfer_that_ends_in_spite_of_its_unlink_is_answered_first()
    {
        using var peer = await ImportAsync();
        _socket.Current!.Script = async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token).ContinueWith(_ => { }, TaskScheduler.Default);
            return new UsbControlResponse(UsbControlStatus.Ack, new byte[6]);
        };
        for (uint i = 1; i < 100; i += 3)
        {
            await peer.SendAsync(new CmdSubmit(i, 0x10001, true, 0, 6, GetStatus));
            await peer.SendAsync(new CmdUnlink(i + 1, 0x10001, i));
            if (UrbMessage.Read(await peer.ReadAsync(48)) is RetSubmit reply)
            {
                Assert.Equal(new RetSubmit(i, 0, 6), reply);
                await peer.ReadAsync(6);
                Assert.Equal(new RetUnlink(i + 1, 0), await peer.ReadAsync<RetUnlink>());
            }
        }
    }

    [Fact]
    public async Task Unlinking_what_was_answered_says_so_after_the_answer()
    {
        using var peer = await ImportAsync();
        _socket.Current!.Script = (_, _, _) => new(UsbControlResponse.Ack);
        for (uint i = 1; i < 1000; i += 2)
        {
            // Back to back: the unlink arrives anywhere between the start of the transfer and after its answer.
            await peer.SendAsync((byte[])[.. Out(i, 1).ToBytes(), .. new CmdUnlink(i + 1, 0x10001, i).ToBytes()]);
            var first = UrbMessage.Read(await peer.ReadAsync(48));
            if (first is RetSubmit)
            {
                Assert.Equal(new RetUnlink(i + 1, 0), await peer.ReadAsync<RetUnlink>());
            }
            else
            {
                Assert.Equal(new RetUnlink(i + 1, -104), first);
            }
        }

        await peer.SendAsync(new CmdUnlink(5000, 0x10001, 4711));
        Assert.Equal(new RetUnlink(5000, 0), await peer.ReadAsync<RetUnlink>());
    }

    [Fact]
    public async Task Other_endpoints_stall_and_their_data_is_skipped()
    {
        using var peer = await ImportAsync();
        await peer.SendAsync(new CmdSubmit(1, 0x10001, false, 2, 100_000, default), new byte[100_000]);
        Assert.Equal(new RetSubmit(1, -32, 0), await peer.ReadAsync<RetSubmit>());
        await peer.SendAsync(new CmdSubmit(2, 0x10001, true, 1, 512, default));
        Assert.Equal(new RetSubmit(2, -32, 0), await peer.ReadAsync<RetSubmit>());
        await peer.SendAsync(new CmdSubmit(3, 0x10001, true, 0, 2, new UsbSetupPacket(0x80, 0, 0, 0, 2)));
        Assert.Equal(new RetSubmit(3, 0, 2), await peer.ReadAsync<RetSubmit>());
    }

    [Theory]
    [InlineData(true, 6, 0x21, 6)] // direction IN, bmRequestType OUT
    [InlineData(false, 6, 0xA1, 6)]
    [InlineData(false, 0, 0xA1, 6)]
    [InlineData(false, 4, 0x21, 6)] // data shorter than wLength
    [InlineData(false, 8, 0x21, 6)]
    public async Task A_control_transfer_that_contradicts_itself_is_refused(bool isIn, int length, byte requestType, ushort setupLength)
    {
        using var peer = await ImportAsync();
        var before = _socket.Current!.Requests.Count;
        var command = new CmdSubmit(1, 0x10001, isIn, 0, length, new UsbSetupPacket(requestType, 1, 0, 0, setupLength));
        await peer.SendAsync(command, new byte[command.DataLength]);
        Assert.Equal(new RetSubmit(1, -22, 0), await peer.ReadAsync<RetSubmit>());
        Assert.Equal(before, _socket.Current.Requests.Count);
    }

    [Fact]
    public async Task Without_data_the_direction_does_not_matter()
    {
        using var peer = await ImportAsync();
        _socket.Current!.Script = (_, _, _) => new(UsbControlResponse.Ack);
        await peer.SendAsync(new CmdSubmit(1, 0x10001, false, 0, 0, new UsbSetupPacket(0xA1, 3, 0, 0, 0)));
        Assert.Equal(new RetSubmit(1, 0, 0), await peer.ReadAsync<RetSubmit>());
    }

    [Fact]
    public async Task A_client_that_goes_in_mid_transfer_gives_it_up_and_frees_the_device()
    {
        var peer = await ImportAsync();
        var (started, givenUp) = (new TaskCompletionSource(), new TaskCompletionSource());
        _socket.Current!.Script = async (_, _, token) =>
        {
            token.Register(() => givenUp.TrySetResult());
            started.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return default;
        };
        await peer.SendAsync(Out(1, 1));
        await started.Task;
        peer.Dispose();
        await givenUp.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await _events.WaitForAsync(UsbIpServerEventKind.Detached);
        using var next = await ImportAsync();
    }

    [Fact]
    public async Task A_client_that_still_sends_when_the_device_leaves_is_not_reset()
    {
        using var peer = await ImportAsync();
        var peripheral = _socket.Current!;
        peripheral.Script = (_, _, _) =>
        {
            peripheral.IsConnected = false;
            return new(UsbControlResponse.Ack);
        };
        await peer.SendAsync(Out(1, 1));
        Assert.Equal(new RetSubmit(1, 0, 0), await peer.ReadAsync<RetSubmit>());
        await _events.WaitForAsync(UsbIpServerEventKind.Unplugged);
        for (uint i = 2; i < 6; i++)
        {
            await peer.SendAsync(Out(i, 1));
            await Task.Delay(20);
        }

        Assert.True(await peer.IsClosedAsync());
    }

    [Theory]
    [InlineData("a reply")]
    [InlineData("no command")]
    [InlineData("a control transfer beyond wLength")]
    [InlineData("too many")]
    public async Task A_malformed_client_is_thrown_out_alone(string what)
    {
        using var peer = await ImportAsync();
        _socket.Current!.Script = async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return default;
        };
        await peer.SendAsync(what switch
        {
            "a reply" => new RetSubmit(1, 0, 0).ToBytes(),
            "no command" => new byte[48],
            "a control transfer beyond wLength" => new CmdSubmit(1, 0x10001, true, 0, 65536, GetStatus).ToBytes(),
            _ => Enumerable.Range(1, UrbSession.MaxWaiting + 2).SelectMany(x => Out((uint)x, 1).ToBytes()).ToArray(),
        });
        Assert.True(await peer.IsClosedAsync());
        Assert.NotNull((await _events.WaitForAsync(UsbIpServerEventKind.Malformed)).Detail);
        using var next = await ImportAsync();
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_thrown_out_on_the_injected_clock()
    {
        var time = new ManualTime();
        await using var server = UsbIpServer.Start([_socket], port: 0, timeProvider: time);
        using var peer = await RawPeer.ConnectAsync(server.EndPoint);
        await time.SomebodyWaitsAsync(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await peer.IsClosedAsync());
    }

    [Fact]
    public async Task A_device_that_does_not_answer_is_not_waited_for_forever()
    {
        var time = new ManualTime();
        var stuck = new StuckPeripheral();
        await using var server = UsbIpServer.Start([new StuckSocket(stuck)], port: 0, timeProvider: time);
        using var peer = await RawPeer.ConnectAsync(server.EndPoint);
        await peer.SendAsync(OpPhase.ReqDevlist());
        await time.SomebodyWaitsAsync(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(await OpPhase.ReadRepDevlistAsync(peer.Stream, default).AsTask().WaitAsync(TimeSpan.FromSeconds(10)));

        using var importing = await RawPeer.ConnectAsync(server.EndPoint);
        await importing.SendAsync(OpPhase.ReqImport("1-1"));
        await time.SomebodyWaitsAsync(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(
            (OpStatus.DeviceBusy, null), await OpPhase.ReadRepImportAsync(importing.Stream, default).AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private static CmdSubmit Out(uint seqNum, ushort value) => new(seqNum, 0x10001, false, 0, 0, new UsbSetupPacket(0x21, 1, value, 0, 0));

    private async Task<RawPeer> ImportAsync()
    {
        for (var i = 0; ; i++)
        {
            var (peer, device) = await RawPeer.ImportAsync(_server.EndPoint);
            if (device is not null)
            {
                return peer;
            }

            peer.Dispose();
            Assert.True(i < 500, "The device stays busy.");
            await Task.Delay(10);
        }
    }

    private sealed class StuckPeripheral : IUsbPeripheral
    {
        public UsbSpeed Speed => UsbSpeed.Full;

        public bool IsConnected => true;

        public TimeProvider Time => TimeProvider.System;

        public async ValueTask<UsbControlResponse> ControlAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return default;
        }
    }

    private sealed class StuckSocket(IUsbPeripheral peripheral) : IUsbSocket
    {
        public string Location => "stuck";

        public IUsbPeripheral? Peripheral => peripheral;

        public ValueTask<IUsbPeripheral> AttachAsync(CancellationToken cancellationToken) => new(peripheral);
    }
}
