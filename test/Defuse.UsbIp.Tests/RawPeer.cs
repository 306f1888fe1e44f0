using System.Net;
using System.Net.Sockets;
using Defuse.UsbIp.Wire;

namespace Defuse.UsbIp.Tests;

/// <summary>One end of a connection that says exactly what a test tells it to.</summary>
internal sealed class RawPeer(TcpClient client) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public NetworkStream Stream { get; } = client.GetStream();

    public static async Task<RawPeer> ConnectAsync(IPEndPoint endPoint)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(endPoint);
        return new RawPeer(client);
    }

    /// <summary>A client of a server that has imported a device.</summary>
    public static async Task<(RawPeer Peer, UsbDeviceRecord Device)> ImportAsync(IPEndPoint endPoint, string busId = "1-1")
    {
        var peer = await ConnectAsync(endPoint);
        await peer.SendAsync(OpPhase.ReqImport(busId));
        var (_, device) = await OpPhase.ReadRepImportAsync(peer.Stream, default).AsTask().WaitAsync(Patience);
        return (peer, device!);
    }

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => Stream.WriteAsync(bytes).AsTask();

    public Task SendAsync(UrbMessage message, params byte[] data) => SendAsync(message.ToBytes(data));

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await Stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience);
        return bytes;
    }

    /// <summary>The next message's header.</summary>
    public async Task<T> ReadAsync<T>()
        where T : UrbMessage => Assert.IsType<T>(UrbMessage.Read(await ReadAsync(UrbMessage.Size)));

    public async Task<bool> IsClosedAsync()
    {
        try
        {
            return await Stream.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => client.Dispose();
}
