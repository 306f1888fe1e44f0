using System.Net;
using System.Net.Sockets;
using Defuse.Transports;
using Defuse.UsbIp.Wire;

namespace Defuse.UsbIp.Tests;

/// <summary>A server whose every message a test decides.</summary>
internal sealed class ScriptedServer : IDisposable
{
    public static readonly UsbDeviceRecord Record = new()
    {
        Path = "/sys/devices/pci0000:00/usb1/1-1",
        BusId = "1-1",
        BusNum = 1,
        DevNum = 5,
        Speed = UsbSpeed.Full,
        VendorId = 0x0483,
        ProductId = 0xDF11,
        DeviceRelease = 0x2200,
        ConfigurationValue = 1,
        NumConfigurations = 1,
        NumInterfaces = 1,
    };

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ScriptedServer() => _listener.Start();

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public UsbIpHost Host(TimeProvider? time = null) => new("127.0.0.1", EndPoint.Port, time);

    public async Task<RawPeer> AcceptAsync() => new(await _listener.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(10)));

    /// <summary>Accepts, grants the import, and refuses to tell descriptors.</summary>
    public async Task<(RawPeer Peer, IUsbDevice Device)> OpenAsync(TimeProvider? time = null)
    {
        var opening = Host(time).OpenAsync("1-1", CancellationToken.None).AsTask();
        var peer = await AcceptAsync();
        await peer.ReadAsync(40);
        await peer.SendAsync(OpPhase.RepImport(Record));
        var command = await peer.ReadAsync<CmdSubmit>();
        await peer.SendAsync(new RetSubmit(command.SeqNum, -32, 0));
        return (peer, await opening.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    public void Dispose() => _listener.Dispose();
}
