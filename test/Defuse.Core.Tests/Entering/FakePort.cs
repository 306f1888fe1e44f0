using System.Text;
using System.Threading.Channels;
using Defuse.Transports;

namespace Defuse.Core.Tests.Entering;

/// <summary>A serial port whose other end a test plays.</summary>
internal sealed class FakePort(SerialPortInfo info, SerialSettings settings, TimeProvider time) : ISerialPort
{
    private readonly Channel<byte[]> _toHost = Channel.CreateUnbounded<byte[]>();
    private readonly CancellationTokenSource _gone = new();
    private byte[] _left = [];

    public SerialPortInfo Info => info;

    public TimeProvider Time => time;

    public SerialSettings Settings { get; private set; } = settings;

    public SerialInputLines InputLines => SerialInputLines.None;

    /// <summary>DTR and RTS as they are now.</summary>
    public (bool Dtr, bool Rts) Lines { get; private set; } = (settings.DataTerminalReady, settings.RequestToSend);

    public bool IsClosed { get; private set; }

    public bool IsGone => _gone.IsCancellationRequested;

    /// <summary>Gets what the host sends.</summary>
    public Func<string, ValueTask> OnReceived { get; set; } = _ => default;

    /// <summary>All that the host sent.</summary>
    public string Received { get; private set; } = "";

    public Action OnLines { get; set; } = () => { };

    public Action OnClosed { get; set; } = () => { };

    public void Say(string text) => Say(Encoding.Latin1.GetBytes(text));

    public void Say(byte[] bytes) => _toHost.Writer.TryWrite(bytes);

    public void Leave() => _gone.Cancel();

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_left.Length == 0)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _gone.Token);
            try
            {
                _left = await _toHost.Reader.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (IsGone)
            {
                throw Gone();
            }
        }

        var count = Math.Min(buffer.Length, _left.Length);
        _left.AsMemory(0, count).CopyTo(buffer);
        _left = _left[count..];
        return count;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        ThrowIfGone();
        Received += Encoding.Latin1.GetString(data.Span);
        await OnReceived(Encoding.Latin1.GetString(data.Span)).AsTask().WaitAsync(cancellationToken);
    }

    public ValueTask ConfigureAsync(SerialSettings settings, CancellationToken cancellationToken)
    {
        ThrowIfGone();
        Settings = settings;
        return default;
    }

    public ValueTask SetLinesAsync(bool? dataTerminalReady, bool? requestToSend, CancellationToken cancellationToken)
    {
        ThrowIfGone();
        Lines = (dataTerminalReady ?? Lines.Dtr, requestToSend ?? Lines.Rts);
        OnLines();
        return default;
    }

    public ValueTask SendBreakAsync(TimeSpan duration, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DiscardInputAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            OnClosed();
        }

        return default;
    }

    private void ThrowIfGone()
    {
        if (IsGone)
        {
            throw Gone();
        }
    }

    private static TransportException Gone() => new(TransportFailure.Disconnected, "the port is gone");
}
