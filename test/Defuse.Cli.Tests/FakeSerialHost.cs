using System.Threading.Channels;
using Defuse.Transports;

namespace Defuse.Cli.Tests;

/// <summary>Serial ports whose boards say and hear what a test wants; a board that leaves takes its port with it.</summary>
internal sealed class FakeSerialHost : ISerialHost
{
    private readonly Lock _lock = new();
    private readonly List<FakeSerialPort> _ports = [];

    /// <summary>Why ports are not opened that are there; null if they are.</summary>
    public TransportException? Refusal { get; set; }

    /// <summary>A board comes.</summary>
    public FakeSerialPort Plug(string name, string? location = null, string? product = null, string? serial = null)
    {
        var port = new FakeSerialPort(new SerialPortInfo
        {
            Name = name,
            UsbLocation = location,
            InterfaceNumber = location is null ? null : 0,
            VendorId = location is null ? null : 0xF055,
            ProductId = location is null ? null : 0x9800,
            Product = product,
            SerialNumber = serial,
        });
        lock (_lock)
        {
            _ports.Add(port);
        }

        return port;
    }

    /// <summary>A board leaves.</summary>
    public void Unplug(FakeSerialPort port)
    {
        lock (_lock)
        {
            _ports.Remove(port);
        }

        port.Leave();
    }

    public ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ValueTask.FromResult<IReadOnlyList<SerialPortInfo>>([.. _ports.Select(x => x.Info)]);
        }
    }

    public ValueTask<ISerialPort> OpenAsync(string name, SerialSettings settings, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var port = _ports.Find(x => x.Info.Name == name) ?? throw new TransportException(TransportFailure.Disconnected, $"there is no serial port {name}", "Plug the board in");
            if (Refusal is { } refusal)
            {
                throw new TransportException(refusal.Failure, refusal.Message, refusal.Remedy);
            }

            port.Open(settings);
            return ValueTask.FromResult<ISerialPort>(port);
        }
    }
}

/// <summary>A port of a <see cref="FakeSerialHost"/>, with the board behind it.</summary>
internal sealed class FakeSerialPort(SerialPortInfo info) : ISerialPort
{
    private readonly Channel<byte[]> _said = Channel.CreateUnbounded<byte[]>();
    private readonly Channel<byte> _heard = Channel.CreateUnbounded<byte>();
    private readonly TaskCompletionSource<SerialSettings> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _rest = [];

    public SerialPortInfo Info => info;

    public TimeProvider Time => TimeProvider.System;

    public SerialSettings Settings { get; private set; } = SerialSettings.Default;

    public SerialInputLines InputLines => SerialInputLines.None;

    /// <summary>The settings that it was opened with, when it is.</summary>
    public Task<SerialSettings> Opened => _opened.Task;

    public bool IsClosed { get; private set; }

    /// <summary>Whether the board takes what it is sent.</summary>
    public bool Listens { get; set; } = true;

    public void Open(SerialSettings settings)
    {
        Settings = settings;
        IsClosed = false;
        _opened.TrySetResult(settings);
    }

    /// <summary>The board sends something.</summary>
    public void Say(params byte[] bytes) => _said.Writer.TryWrite(bytes);

    /// <summary>The next bytes that the board gets.</summary>
    public async Task<byte[]> HearAsync(int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var heard = new byte[count];
        for (var i = 0; i < count; i++)
        {
            heard[i] = await _heard.Reader.ReadAsync(patience.Token);
        }

        return heard;
    }

    /// <summary>The board leaves, and only who writes learns it so far.</summary>
    public void RefuseWrites() => _left.TrySetResult();

    public void Leave()
    {
        _said.Writer.TryComplete();
        _left.TrySetResult();
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_rest.Length == 0)
        {
            _rest = await _said.Reader.WaitToReadAsync(cancellationToken) && _said.Reader.TryRead(out var next) ? next : throw Gone();
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest.AsSpan(0, count).CopyTo(buffer.Span);
        _rest = _rest[count..];
        return count;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (!Listens)
        {
            await _left.Task.WaitAsync(cancellationToken);
        }

        if (_left.Task.IsCompleted)
        {
            throw Gone();
        }

        foreach (var one in data.ToArray())
        {
            _heard.Writer.TryWrite(one);
        }
    }

    public ValueTask ConfigureAsync(SerialSettings settings, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask SetLinesAsync(bool? dataTerminalReady, bool? requestToSend, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask SendBreakAsync(TimeSpan duration, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DiscardInputAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync()
    {
        IsClosed = true;
        return ValueTask.CompletedTask;
    }

    private TransportException Gone() => new(TransportFailure.Disconnected, $"{info.Name} is gone");
}
