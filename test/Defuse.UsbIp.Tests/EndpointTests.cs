using System.Threading.Channels;
using Defuse.Transports;
using Defuse.UsbIp.Wire;

namespace Defuse.UsbIp.Tests;

/// <summary>Bulk and interrupt transfers through the server, in the order in which Linux's cdc-acm submits them.</summary>
public sealed class EndpointTests : IAsyncDisposable
{
    private static readonly UsbSetupPacket GetStatus = new(0x80, 0, 0, 0, 2);

    private readonly FakeSocket _socket = new("sim", () => new FakePeripheral());
    private readonly ServerEvents _events = new();
    private readonly UsbIpServer _server;
    private readonly Channel<byte[]> _toHost = Channel.CreateUnbounded<byte[]>();

    public EndpointTests() => _server = UsbIpServer.Start([_socket], port: 0, events: _events);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Sixteen_reads_at_once_are_answered_in_their_order()
    {
        using var peer = await ImportAsync();
        for (uint i = 1; i <= 16; i++)
        {
            await peer.SendAsync(In(i, 1, 128));
        }

        for (uint i = 1; i <= 16; i++)
        {
            _toHost.Writer.TryWrite([(byte)i, 0xAA]);
        }

        for (uint i = 1; i <= 16; i++)
        {
            Assert.Equal(new RetSubmit(i, 0, 2), await peer.ReadAsync<RetSubmit>());
            Assert.Equal([(byte)i, 0xAA], await peer.ReadAsync(2));
        }
    }

    [Fact]
    public async Task An_IN_that_waits_holds_up_no_other_endpoint_and_no_other_direction()
    {
        using var peer = await ImportAsync();
        var sent = new List<(byte Endpoint, byte[] Data)>();
        _socket.Current!.Out = (endpoint, data, _) =>
        {
            sent.Add((endpoint, data.ToArray()));
            return new(UsbControlResponse.Ack);
        };
        await peer.SendAsync(In(1, 1, 128));
        await peer.SendAsync(In(2, 2, 8));
        await peer.SendAsync(Out(3, 1, 5), 1, 2, 3, 4, 5);
        Assert.Equal(new RetSubmit(3, 0, 5), await peer.ReadAsync<RetSubmit>());
        await peer.SendAsync(new CmdSubmit(4, 0x10001, true, 0, 2, GetStatus));
        Assert.Equal(new RetSubmit(4, 0, 2), await peer.ReadAsync<RetSubmit>());
        await peer.ReadAsync(2);
        var (endpoint, data) = Assert.Single(sent);
        Assert.Equal(1, endpoint);
        Assert.Equal([1, 2, 3, 4, 5], data);
        _toHost.Writer.TryWrite([7]);
        Assert.Equal(new RetSubmit(1, 0, 1), await peer.ReadAsync<RetSubmit>());
    }

    [Fact]
    public async Task What_waits_and_what_runs_are_taken_back_without_an_answer_and_nothing_is_lost()
    {
        using var peer = await ImportAsync();
        for (uint i = 1; i <= 3; i++)
        {
            await peer.SendAsync(In(i, 1, 128));
        }

        await peer.SendAsync(new CmdUnlink(11, 0x10001, 2));
        Assert.Equal(new RetUnlink(11, -104), await peer.ReadAsync<RetUnlink>());
        await peer.SendAsync(new CmdUnlink(12, 0x10001, 1));
        Assert.Equal(new RetUnlink(12, -104), await peer.ReadAsync<RetUnlink>());
        _toHost.Writer.TryWrite([9]);
        Assert.Equal(new RetSubmit(3, 0, 1), await peer.ReadAsync<RetSubmit>());
        Assert.Equal([9], await peer.ReadAsync(1));
    }

    [Fact]
    public async Task A_device_that_leaves_answers_the_control_transfer_that_told_it_to_although_INs_wait()
    {
        using var peer = await ImportAsync();
        var peripheral = _socket.Current!;
        peripheral.Script = async (_, _, _) =>
        {
            peripheral.IsConnected = false;
            _toHost.Writer.TryComplete();
            await Task.Delay(120, CancellationToken.None);
            return UsbControlResponse.Ack;
        };
        await peer.SendAsync(In(1, 1, 128));
        await peer.SendAsync(In(2, 2, 8));
        await peer.SendAsync(new CmdSubmit(3, 0x10001, false, 0, 0, new UsbSetupPacket(0x21, 0x22, 0, 0, 0)));
        Assert.Equal(new RetSubmit(3, 0, 0), await peer.ReadAsync<RetSubmit>());
        await _events.WaitForAsync(UsbIpServerEventKind.Unplugged);
        Assert.True(await peer.IsClosedAsync());
    }

    [Fact]
    public async Task A_device_that_leaves_by_itself_is_unplugged_although_its_INs_never_end()
    {
        using var peer = await ImportAsync();
        _socket.Current!.In = async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return default;
        };
        await peer.SendAsync(In(1, 1, 128));
        _socket.Current.IsConnected = false;
        await _events.WaitForAsync(UsbIpServerEventKind.Unplugged);
        Assert.True(await peer.IsClosedAsync());
    }

    [Fact]
    public async Task More_than_was_asked_for_is_an_overflow_and_what_the_device_fails_at_a_bus_error()
    {
        using var peer = await ImportAsync();
        _toHost.Writer.TryWrite(new byte[65]);
        await peer.SendAsync(In(1, 1, 64));
        Assert.Equal(new RetSubmit(1, -75, 0), await peer.ReadAsync<RetSubmit>());
        _socket.Current!.Out = (_, _, _) => throw new InvalidOperationException();
        await peer.SendAsync(Out(2, 1, 1), 1);
        Assert.Equal(new RetSubmit(2, -71, 0), await peer.ReadAsync<RetSubmit>());
        await peer.SendAsync(In(3, 15, 64));
        Assert.Equal(new RetSubmit(3, -32, 0), await peer.ReadAsync<RetSubmit>());
    }

    [Fact]
    public async Task A_client_that_goes_gives_up_every_endpoint()
    {
        var peer = await ImportAsync();
        var given = new SemaphoreSlim(0);
        _socket.Current!.In = async (_, _, token) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                given.Release();
            }

            return default;
        };
        for (uint i = 1; i <= 15; i++)
        {
            await peer.SendAsync(In(i, i, 64));
        }

        await Task.Delay(50);
        peer.Dispose();
        await _events.WaitForAsync(UsbIpServerEventKind.Detached);
        for (var i = 0; i < 15; i++)
        {
            Assert.True(await given.WaitAsync(TimeSpan.FromSeconds(10)));
        }
    }

    [Theory]
    [InlineData("too many, over all endpoints")]
    [InlineData("too many bytes")]
    [InlineData("one that is too long")]
    public async Task A_hostile_client_is_thrown_out_alone(string what)
    {
        using var peer = await ImportAsync();
        _socket.Current!.Out = async (_, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return default;
        };
        try
        {
            switch (what)
            {
                case "too many, over all endpoints":
                    await peer.SendAsync(Enumerable.Range(0, UrbSession.MaxWaiting + 40).SelectMany(x => In((uint)x + 1, (uint)(x % 2) + 1, 64).ToBytes()).ToArray());
                    break;
                case "too many bytes":
                    for (uint i = 1; i <= 40; i++)
                    {
                        await peer.SendAsync(Out(i, (i % 15) + 1, 1 << 20), new byte[1 << 20]);
                    }

                    break;
                default:
                    await peer.SendAsync(Out(1, 1, (16 << 20) + 1));
                    break;
            }
        }
        catch (IOException)
        {
            // It was thrown out while it still sent.
        }

        Assert.True(await peer.IsClosedAsync());
        Assert.NotNull((await _events.WaitForAsync(UsbIpServerEventKind.Malformed)).Detail);
        using var next = await ImportAsync();
        await next.SendAsync(new CmdSubmit(1, 0x10001, true, 0, 2, GetStatus));
        Assert.Equal(new RetSubmit(1, 0, 2), await next.ReadAsync<RetSubmit>());
    }

    private static CmdSubmit In(uint seqNum, uint endpoint, int length) => new(seqNum, 0x10001, true, endpoint, length, default);

    private static CmdSubmit Out(uint seqNum, uint endpoint, int length) => new(seqNum, 0x10001, false, endpoint, length, default);

    // Endpoint 1 sends what a test gives it, and 2 never has anything to send; both say so when the device is gone.
    private async Task<RawPeer> ImportAsync()
    {
        for (var i = 0; ; i++)
        {
            var (peer, device) = await RawPeer.ImportAsync(_server.EndPoint);
            if (device is not null)
            {
                _socket.Current!.In = async (endpoint, _, token) =>
                {
                    switch (endpoint)
                    {
                        case 0x81:
                            return await _toHost.Reader.WaitToReadAsync(token) && _toHost.Reader.TryRead(out var data)
                                ? new UsbControlResponse(UsbControlStatus.Ack, data)
                                : UsbControlResponse.Disconnected;
                        case 0x82:
                            await Task.Delay(Timeout.Infinite, token);
                            return default;
                        default:
                            return UsbControlResponse.Stall;
                    }
                };
                return peer;
            }

            peer.Dispose();
            Assert.True(i < 500, "The device stays busy.");
            await Task.Delay(10);
        }
    }
}
