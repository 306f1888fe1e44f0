using System.Diagnostics;
using Defuse.Transports;
using Defuse.UsbIp.Wire;

namespace Defuse.UsbIp.Tests;

/// <summary>Mutated, truncated and random bytes, to either side: a typed error or a clean end, in little time and memory.</summary>
public sealed class HostileInputTests
{
    private const int Rounds = 150;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(10);
    private static readonly UsbSetupPacket GetStatus = new(0xA1, 3, 0, 0, 6);

    [Fact]
    public async Task A_client_survives_what_a_server_lists()
    {
        using var server = new ScriptedServer();
        var good = OpPhase.RepDevlist(
            [.. Enumerable.Range(0, 3).Select(_ => new ExportedDevice(ScriptedServer.Record, [new UsbInterfaceInfo(0xFE, 1, 2), default]))]);
        await EachAsync(good, async bytes =>
        {
            var listing = server.Host().ListAsync(default).AsTask();
            using (var peer = await server.AcceptAsync())
            {
                await peer.ReadAsync(8);
                await SendAsync(peer, bytes);
            }

            await EndsTypedAsync(listing);
        });
    }

    [Fact]
    public async Task A_client_survives_what_a_server_gives_out_and_answers()
    {
        using var server = new ScriptedServer();
        var good = (byte[])
        [
            .. OpPhase.RepImport(ScriptedServer.Record).Span,
            .. new RetSubmit(1, 0, 18).ToBytes(new byte[18]),
            .. new RetSubmit(2, 0, 6).ToBytes(new byte[6]),
            .. new RetUnlink(3, -104).ToBytes(),
        ];
        await EachAsync(good, async bytes =>
        {
            var opening = UseAsync(server.Host());
            using (var peer = await server.AcceptAsync())
            {
                await peer.ReadAsync(40);
                await SendAsync(peer, bytes);
            }

            await EndsTypedAsync(opening);
        });

        static async Task UseAsync(UsbIpHost host)
        {
            await using var device = await host.OpenAsync("1-1", default);
            await device.ControlInAsync(GetStatus, new byte[6], TimeSpan.FromMilliseconds(200), default);
        }
    }

    [Fact]
    public async Task A_server_survives_what_clients_ask_and_submit()
    {
        var socket = new FakeSocket("sim", () => new FakePeripheral { Script = (setup, _, _) => new(new UsbControlResponse(UsbControlStatus.Ack, new byte[setup.IsIn ? setup.Length : 0])), In = NeverAsync, Out = (_, _, _) => new(UsbControlResponse.Ack) });
        await using var server = UsbIpServer.Start([socket], port: 0);
        var good = (byte[])
        [
            .. OpPhase.ReqImport("1-1").Span,
            .. new CmdSubmit(1, 0x10001, true, 0, 18, new UsbSetupPacket(0x80, 6, 0x100, 0, 18)).ToBytes(),
            .. new CmdSubmit(2, 0x10001, false, 0, 5, new UsbSetupPacket(0x21, 1, 0, 0, 5)).ToBytes(new byte[5]),
            .. new CmdUnlink(3, 0x10001, 2).ToBytes(),
            .. new CmdSubmit(4, 0x10001, true, 0, 6, GetStatus).ToBytes(),
            .. new CmdSubmit(5, 0x10001, true, 1, 128, default).ToBytes(),
            .. new CmdSubmit(6, 0x10001, false, 1, 4, default).ToBytes(new byte[4]),
            .. new CmdUnlink(7, 0x10001, 5).ToBytes(),
        ];
        await EachAsync(good, async bytes =>
        {
            using var peer = await RawPeer.ConnectAsync(server.EndPoint);
            await SendAsync(peer, bytes);
            await EndsAsync(peer);
        });

        // The server still serves everybody else.
        var host = new UsbIpHost("127.0.0.1", server.EndPoint.Port);
        Assert.Single(await host.ListAsync(default));
        Assert.False(socket.Current!.Overlapped);
        await using var device = await OpenAsync(host);
        Assert.Equal(6, await device.ControlInAsync(GetStatus, new byte[6], Enough, default));
    }

    private static async ValueTask<UsbControlResponse> NeverAsync(byte endpoint, int length, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return default;
    }

    // The last client's end may not have been noticed yet.
    private static async Task<IUsbDevice> OpenAsync(UsbIpHost host)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await host.OpenAsync("1-1", default);
            }
            catch (TransportException e) when (e.Failure == TransportFailure.CannotOpen && i < 500)
            {
                await Task.Delay(10);
            }
        }
    }

    private static async Task EachAsync(ReadOnlyMemory<byte> good, Func<byte[], Task> test)
    {
        var random = new Random(48);
        var clock = Stopwatch.StartNew();
        var before = GC.GetTotalAllocatedBytes();
        for (var i = 0; i < Rounds; i++)
        {
            await test(Mutate(good.ToArray(), i, random));
        }

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{clock.Elapsed} for {Rounds} inputs");
        Assert.True(GC.GetTotalAllocatedBytes() - before < 500L * 1024 * 1024, "too much memory");
    }

    private static byte[] Mutate(byte[] bytes, int round, Random random)
    {
        switch (round % 4)
        {
            case 0: // truncated
                return bytes[..random.Next(bytes.Length)];
            case 1: // a few bytes changed
                for (var i = 0; i < 3; i++)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                return bytes;
            case 2: // a length or number made large
                bytes.AsSpan(random.Next(bytes.Length / 4) * 4, Math.Min(4, bytes.Length)).Fill((byte)(round % 8 == 2 ? 0xFF : 0x7F));
                return bytes;
            default:
                var noise = new byte[random.Next(4096)];
                random.NextBytes(noise);
                return noise;
        }
    }

    private static async Task SendAsync(RawPeer peer, byte[] bytes)
    {
        try
        {
            await peer.SendAsync(bytes);
        }
        catch (IOException)
        {
            // The other side has had enough, which is its right.
        }
    }

    /// <summary>Half-closes and reads whatever comes until the end.</summary>
    private static async Task EndsAsync(RawPeer peer)
    {
        try
        {
            peer.Stream.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            await peer.Stream.CopyToAsync(Stream.Null).WaitAsync(Enough);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            // Reset is an end too.
        }
    }

    private static async Task EndsTypedAsync(Task task)
    {
        try
        {
            await task.WaitAsync(Enough);
        }
        catch (TransportException)
        {
            // What is asked for.
        }
    }
}
