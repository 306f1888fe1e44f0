using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Defuse.Compatibility;

/// <summary>One port of the kernel's USB/IP client, vhci_hcd: boards are plugged into it, and pulled out.</summary>
/// <remarks>
/// The kernel takes over a connection on which a server granted an import (Linux, Documentation/usb/usbip_protocol.rst).
/// usbip(8) would choose any free port; here a board comes back to its own.
/// </remarks>
/// <param name="number">Which port, from 0.</param>
/// <param name="tcpPort">The USB/IP server's TCP port.</param>
/// <param name="busId">The board's bus id there.</param>
internal sealed class Vhci(int number, int tcpPort, string busId = "1-1")
{
    /// <summary>How many full-speed ports the kernel has in Debian's build: 8 controllers of 15.</summary>
    public const int PortCount = 120;

    private const int PortsOfController = 15;
    private const string Controllers = "/sys/devices/platform/vhci_hcd.0";
    private const int ImportRequest = 0x8003;
    private const int Version = 0x0111;
    private const int BusIdSize = 32;
    private const int ReplyHeaderSize = 8;
    private const int DeviceSize = 312;
    private const int BusNumberOffset = 288;
    private const string Empty = "004";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // Several times what the kernel waits for a descriptor.
    private static readonly TimeSpan Enumeration = TimeSpan.FromSeconds(20);

    // Each controller has as many ports of SuperSpeed behind its others.
    private readonly int _port = (number / PortsOfController * 2 * PortsOfController) + (number % PortsOfController);

    /// <summary>Where it is plugged in, as sysfs names the place: "3-1"; null if nothing is.</summary>
    public string? Path => Status() is { } status && status[2] != Empty && status[6] != "0-0" ? status[6] : null;

    private bool IsEnumerated => Path is { } path && Directory.Exists($"/sys/bus/usb/devices/{path}:1.0");

    /// <summary>The same board at another port.</summary>
    public Vhci At(int otherNumber) => new(otherNumber, tcpPort, busId);

    /// <summary>Plugs it in, and waits until the kernel knows its interface.</summary>
    /// <returns>Where.</returns>
    public async Task<string> AttachAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        var trouble = "";
        while (TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            try
            {
                await PlugInAsync().ConfigureAwait(false);
                var plugged = TimeProvider.System.GetTimestamp();
                while (TimeProvider.System.GetElapsedTime(plugged) < Enumeration)
                {
                    if (IsEnumerated && Path is { } path)
                    {
                        return path;
                    }

                    await Task.Delay(20).ConfigureAwait(false);
                }

                trouble = "the kernel did not enumerate it";
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                trouble = e.Message;
            }

            await DetachAsync().ConfigureAwait(false);
            await Task.Delay(100).ConfigureAwait(false);
        }

        throw new InvalidOperationException($"the board could not be attached: {trouble}");
    }

    /// <summary>Pulls the plug, and waits until it is gone.</summary>
    public async Task DetachAsync()
    {
        while (Status() is { } status && status[2] != Empty)
        {
            try
            {
                await File.WriteAllTextAsync($"{Controllers}/detach", Text(_port)).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // It left by itself.
            }

            await Task.Delay(20).ConfigureAwait(false);
        }
    }

    /// <summary>Whether it left the bus by itself within a few seconds.</summary>
    public async Task<bool> LeavesAsync()
    {
        for (var i = 0; i < 250; i++)
        {
            if (Path is null)
            {
                return true;
            }

            await Task.Delay(20).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Plugs a board in again that came back by itself, as its cable would: USB/IP ends with the device that leaves.</summary>
    /// <param name="isBack">Whether it is on the bus.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task KeepPluggedInAsync(Func<bool> isBack, CancellationToken cancellationToken)
    {
        var known = TimeProvider.System.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            var isEmpty = Status() is { } status && status[2] == Empty;
            if (isEmpty || IsEnumerated)
            {
                known = TimeProvider.System.GetTimestamp();
            }

            try
            {
                if (isEmpty && isBack())
                {
                    await PlugInAsync().ConfigureAwait(false);
                }
                else if (TimeProvider.System.GetElapsedTime(known) > Enumeration)
                {
                    // The kernel gave it up; only another attempt helps.
                    await DetachAsync().ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // The server has not yet let go of it.
            }

            await Task.Delay(20, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // OP_REQ_IMPORT, its reply, and the connection handed over.
    private async Task PlugInAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, tcpPort).ConfigureAwait(false);
        var stream = new NetworkStream(socket);
        await using var closing = stream.ConfigureAwait(false);
        var request = new byte[ReplyHeaderSize + BusIdSize];
        BinaryPrimitives.WriteUInt16BigEndian(request, Version);
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(2), ImportRequest);
        Encoding.ASCII.GetBytes(busId, request.AsSpan(ReplyHeaderSize));
        await stream.WriteAsync(request).ConfigureAwait(false);
        var reply = new byte[ReplyHeaderSize + DeviceSize];
        await stream.ReadExactlyAsync(reply.AsMemory(0, ReplyHeaderSize)).ConfigureAwait(false);
        if (BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(4)) is not 0 and var refusal)
        {
            throw new IOException($"the server did not give it out ({refusal})");
        }

        await stream.ReadExactlyAsync(reply.AsMemory(ReplyHeaderSize)).ConfigureAwait(false);
        uint Field(int index) => BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(ReplyHeaderSize + BusNumberOffset + (4 * index)));
        await File.WriteAllTextAsync(
            $"{Controllers}/attach",
            string.Create(CultureInfo.InvariantCulture, $"{_port} {socket.Handle} {(Field(0) << 16) | Field(1)} {Field(2)}")).ConfigureAwait(false);
    }

    // hub port sta spd dev sockfd local_busid; status 4 means that nothing is there, 6 that it has an address.
    private string[]? Status()
    {
        var controller = _port / (2 * PortsOfController);
        return File.ReadLines($"{Controllers}/status{(controller == 0 ? "" : $".{Text(controller)}")}").Skip(1)
            .Select(x => x.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(x => int.Parse(x[1], CultureInfo.InvariantCulture) == _port);
    }
}
