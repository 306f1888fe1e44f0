using System.Runtime.InteropServices;
using Defuse.Platform.Windows;

namespace Defuse.Platform.Tests.Windows;

/// <summary>
/// The calls of kernel32 for serial ports, as Microsoft's documentation has them: one program a port, reads that end by the timeouts
/// that were set, settings that are refused, and transfers that are aborted when the device is pulled. A closed handle that is used,
/// a handle that is closed or memory that is freed while a transfer is on its way, and a result taken before its time fail the test.
/// </summary>
internal sealed class FakeWindowsSerial : IWindowsSerial
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FakeComPort> _ports = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<nint, FakeComPort> _open = [];
    private readonly Dictionary<nint, Transfer> _transfers = [];
    private nint _next = 0x200;

    public int OpenHandles => _open.Count;

    public FakeComPort Plug(string name) => _ports[$@"\\.\{name}"] = new FakeComPort(this);

    /// <summary>The board sends something.</summary>
    public void Say(FakeComPort port, params byte[] bytes)
    {
        lock (_lock)
        {
            bytes.ToList().ForEach(port.Arrived.Enqueue);
            Satisfy(port);
        }
    }

    /// <summary>The plug is pulled.</summary>
    public void Unplug(FakeComPort port)
    {
        lock (_lock)
        {
            _ports.Remove(_ports.Single(x => x.Value == port).Key);
            port.IsGone = true;
            foreach (var transfer in _transfers.Values.Where(x => x.Port == port && !x.IsDone).ToList())
            {
                Complete(transfer, 995, 0);
            }
        }
    }

    public int Open(string path, out nint file)
    {
        lock (_lock)
        {
            file = 0;
            if (!_ports.TryGetValue(path, out var port))
            {
                return 2;
            }

            if (port.OpenError != 0 || _open.ContainsValue(port))
            {
                return port.OpenError != 0 ? port.OpenError : 5;
            }

            file = _next++;
            _open.Add(file, port);
            return 0;
        }
    }

    public void Close(nint file)
    {
        lock (_lock)
        {
            Assert.True(_open.Remove(file, out var port), "a port that is not open was closed");
            Assert.DoesNotContain(_transfers.Values, x => x.Port == port && !x.IsDone);
        }
    }

    public int GetState(nint file, ref DeviceControlBlock state)
    {
        lock (_lock)
        {
            state = Of(file).State with { Length = 28 };
            return Of(file).IsGone ? 22 : 0;
        }
    }

    public int SetState(nint file, in DeviceControlBlock state)
    {
        lock (_lock)
        {
            var port = Of(file);
            if (port.IsGone)
            {
                return 22;
            }

            // Without fBinary the documentation allows nothing, nor with XonChar and XoffChar the same.
            if (state.Length != 28 || state.XonCharacter == state.XoffCharacter || (state.Flags & 1) == 0 || state.BaudRate > port.FastestBaudRate || state.ByteSize is < 5 or > 8)
            {
                return 87;
            }

            port.State = state;
            port.Dtr = (state.Flags >> 4 & 3) == 1;
            port.Rts = (state.Flags >> 12 & 3) == 1;
            return 0;
        }
    }

    public int SetTimeouts(nint file, uint readInterval, uint readMultiplier, uint readConstant)
    {
        lock (_lock)
        {
            Of(file).EndsReadsAtFirstByte = readInterval == uint.MaxValue && readMultiplier == uint.MaxValue && readConstant is > 0 and < uint.MaxValue;
            return 0;
        }
    }

    public int Escape(nint file, uint function)
    {
        lock (_lock)
        {
            var port = Of(file);
            if (port.IsGone)
            {
                return 22;
            }

            port.Functions.Add(function);
            (port.Dtr, port.Rts) = function switch { 3 => (port.Dtr, true), 4 => (port.Dtr, false), 5 => (true, port.Rts), 6 => (false, port.Rts), _ => (port.Dtr, port.Rts) };
            return 0;
        }
    }

    public int GetModemStatus(nint file, out uint status)
    {
        lock (_lock)
        {
            status = Of(file).ModemStatus;
            return Of(file).IsGone ? 22 : 0;
        }
    }

    public int Purge(nint file, uint what)
    {
        lock (_lock)
        {
            var port = Of(file);
            if (port.IsGone)
            {
                return 22;
            }

            if ((what & 2) != 0)
            {
                foreach (var transfer in _transfers.Values.Where(x => x.Port == port && x.IsRead && !x.IsDone).ToList())
                {
                    Complete(transfer, 995, 0);
                }
            }

            if ((what & 8) != 0)
            {
                port.Arrived.Clear();
            }

            return 0;
        }
    }

    public int Read(nint file, nint buffer, uint length, WinUsbOverlapped overlapped) => Begin(file, buffer, length, overlapped, isRead: true);

    public int Write(nint file, nint buffer, uint length, WinUsbOverlapped overlapped)
    {
        var error = Begin(file, buffer, length, overlapped, isRead: false);
        lock (_lock)
        {
            if (error == 997 && Of(file).Listens)
            {
                var bytes = new byte[length];
                Marshal.Copy(buffer, bytes, 0, bytes.Length);
                Of(file).Heard.AddRange(bytes);
                Complete(_transfers[overlapped.Address], 0, length);
            }
        }

        return error;
    }

    public int GetResult(nint file, WinUsbOverlapped overlapped, out uint transferred)
    {
        lock (_lock)
        {
            Assert.True(_transfers.Remove(overlapped.Address, out var transfer), "there is no such transfer");
            Assert.True(transfer.IsDone, "a result was taken before its time");
            transferred = transfer.Count;
            return transfer.Error;
        }
    }

    public void Cancel(nint file, WinUsbOverlapped overlapped)
    {
        Of(file);
        var address = overlapped.Address;

        // It completes when its driver comes to it, not within this call.
        _ = Task.Run(async () =>
        {
            await Task.Delay(10);
            lock (_lock)
            {
                if (_transfers.TryGetValue(address, out var transfer) && !transfer.IsDone)
                {
                    Complete(transfer, 995, 0);
                }
            }
        });
    }

    private static void Complete(Transfer transfer, int error, uint count)
    {
        (transfer.Error, transfer.Count, transfer.IsDone) = (error, count, true);
        transfer.Overlapped.Completed.Set();
    }

    private int Begin(nint file, nint buffer, uint length, WinUsbOverlapped overlapped, bool isRead)
    {
        lock (_lock)
        {
            var port = Of(file);
            Assert.False(overlapped.Completed.WaitOne(0), "the event is set before the transfer begins");
            if (port.IsGone)
            {
                return 22;
            }

            _transfers.Add(overlapped.Address, new Transfer { Port = port, Buffer = buffer, Length = length, Overlapped = overlapped, IsRead = isRead });
            Satisfy(port);
            return 997;
        }
    }

    private void Satisfy(FakeComPort port)
    {
        if (_transfers.Values.FirstOrDefault(x => x.Port == port && x.IsRead && !x.IsDone) is { } read
            && port.Arrived.Count >= (port.EndsReadsAtFirstByte ? 1 : read.Length))
        {
            var bytes = Enumerable.Range(0, Math.Min(port.Arrived.Count, (int)read.Length)).Select(_ => port.Arrived.Dequeue()).ToArray();
            Marshal.Copy(bytes, 0, read.Buffer, bytes.Length);
            Complete(read, 0, (uint)bytes.Length);
        }
    }

    private FakeComPort Of(nint file)
    {
        Assert.True(_open.TryGetValue(file, out var port), "a port that is not open was used");
        return port;
    }

    private sealed class Transfer
    {
        public required FakeComPort Port { get; init; }

        public required nint Buffer { get; init; }

        public required uint Length { get; init; }

        public required WinUsbOverlapped Overlapped { get; init; }

        public required bool IsRead { get; init; }

        public bool IsDone { get; set; }

        public int Error { get; set; }

        public uint Count { get; set; }
    }
}

/// <summary>A port of a <see cref="FakeWindowsSerial"/>, with the board behind it.</summary>
internal sealed class FakeComPort(FakeWindowsSerial windows)
{
    public Queue<byte> Arrived { get; } = [];

    public List<byte> Heard { get; } = [];

    public List<uint> Functions { get; } = [];

    public DeviceControlBlock State { get; set; } = new() { BaudRate = 9600, ByteSize = 7, Flags = 0x1 | 0x300, XonCharacter = 17, XoffCharacter = 19 };

    public uint ModemStatus { get; set; }

    public uint FastestBaudRate { get; set; } = 3_000_000;

    public int OpenError { get; set; }

    public bool Dtr { get; set; }

    public bool Rts { get; set; }

    public bool EndsReadsAtFirstByte { get; set; }

    /// <summary>Whether the board takes what it is sent.</summary>
    public bool Listens { get; set; } = true;

    public bool IsGone { get; set; }

    public void Say(params byte[] bytes) => windows.Say(this, bytes);
}
