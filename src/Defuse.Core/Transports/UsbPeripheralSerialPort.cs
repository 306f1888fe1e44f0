using System.Buffers.Binary;

namespace Defuse.Transports;

/// <summary>An open serial port that is a CDC ACM function of a peripheral in this process.</summary>
internal sealed class UsbPeripheralSerialPort(IUsbPeripheral peripheral, SerialPortInfo info, CdcAcmFunction function, Action closed) : ISerialPort
{
    private const byte SetLineCoding = 0x20, SetControlLineState = 0x22, SendBreak = 0x23;

    // What systems ask a full-speed device for at once, in the order of magnitude, and keep of what nobody has read.
    private const int ReadSize = 512;
    private const int KeptSize = 64 * 1024;

    private readonly SemaphoreSlim _fetching = new(1);
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly Queue<byte> _arrived = [];
    private bool _dataTerminalReady;
    private bool _requestToSend;
    private bool _isClosed;

    public SerialPortInfo Info => info;

    public TimeProvider Time => peripheral.Time;

    public SerialSettings Settings { get; private set; } = SerialSettings.Default;

    public SerialInputLines InputLines => peripheral.IsConnected ? SerialInputLines.None : throw Gone();

    /// <summary>Does what a system's driver does when a program opens the port.</summary>
    public async ValueTask StartAsync(SerialSettings settings, CancellationToken cancellationToken)
    {
        var configuration = await SendAsync(new UsbSetupPacket(0x80, UsbStandardRequest.GetConfiguration, 0, 0, 1), default, cancellationToken).ConfigureAwait(false);
        if (configuration.Data.Length != 1 || configuration.Data.Span[0] == 0)
        {
            await SendAsync(new UsbSetupPacket(0x00, UsbStandardRequest.SetConfiguration, 1, 0, 0), default, cancellationToken).ConfigureAwait(false);
        }

        await SetLinesAsync(settings.DataTerminalReady, settings.RequestToSend, cancellationToken).ConfigureAwait(false);
        await ConfigureAsync(settings, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
        {
            throw new ArgumentException("There is no room for a byte.", nameof(buffer));
        }

        // What is there is given out first, whatever became of the token: on a clock that runs ahead of the program, a timeout
        // that began before the answer came may be over.
        using var ending = Linked(cancellationToken);
        if (!await _fetching.WaitAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false))
        {
            await _fetching.WaitAsync(ending.Token).ConfigureAwait(false);
        }

        try
        {
            var count = TakeArrived(buffer.Span);
            while (count == 0)
            {
                var response = Checked(await peripheral.TransferInAsync(function.InEndpoint, ReadSize, ending.Token).ConfigureAwait(false));
                Keep(response.Data.Span);
                count = TakeArrived(buffer.Span);
            }

            return count;
        }
        finally
        {
            _fetching.Release();
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        using var ending = Linked(cancellationToken);
        var sending = peripheral.TransferOutAsync(function.OutEndpoint, data, ending.Token).AsTask();
        if (!sending.IsCompleted)
        {
            // A device that cannot get rid of its echo takes no more; systems fetch what arrives, whether somebody reads or not.
            using var done = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
            var fetching = FetchAsync(done.Token);
            await Task.WhenAny(sending).ConfigureAwait(false);
            await done.CancelAsync().ConfigureAwait(false);
            await fetching.ConfigureAwait(false);
        }

        Checked(await sending.ConfigureAwait(false));
    }

    public async ValueTask ConfigureAsync(SerialSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var coding = new byte[7];
        BinaryPrimitives.WriteInt32LittleEndian(coding, settings.BaudRate);
        coding[4] = (byte)(settings.StopBits == SerialStopBits.Two ? 2 : 0);
        coding[5] = (byte)(settings.Parity switch
        {
            SerialParity.Odd => 1,
            SerialParity.Even => 2,
            _ => 0,
        });
        coding[6] = (byte)settings.DataBits;
        await SendAsync(new UsbSetupPacket(0x21, SetLineCoding, 0, function.ControlInterface, (ushort)coding.Length), coding, cancellationToken).ConfigureAwait(false);
        Settings = settings;
    }

    public async ValueTask SetLinesAsync(bool? dataTerminalReady, bool? requestToSend, CancellationToken cancellationToken)
    {
        var (dtr, rts) = (dataTerminalReady ?? _dataTerminalReady, requestToSend ?? _requestToSend);
        var value = (ushort)((dtr ? 1 : 0) | (rts ? 2 : 0));
        await SendAsync(new UsbSetupPacket(0x21, SetControlLineState, value, function.ControlInterface, 0), default, cancellationToken).ConfigureAwait(false);
        (_dataTerminalReady, _requestToSend) = (dtr, rts);
    }

    public async ValueTask SendBreakAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        // 0xFFFF would be without end (USB CDC PSTN 1.2, section 6.3.13).
        var milliseconds = (ushort)Math.Clamp(duration.TotalMilliseconds, 1, 0xFFFE);
        await SendAsync(new UsbSetupPacket(0x21, SendBreak, milliseconds, function.ControlInterface, 0), default, cancellationToken).ConfigureAwait(false);
        await Task.Delay(duration, Time, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DiscardInputAsync(CancellationToken cancellationToken)
    {
        using var ending = Linked(cancellationToken);
        await _fetching.WaitAsync(ending.Token).ConfigureAwait(false);
        try
        {
            lock (_gate)
            {
                _arrived.Clear();
            }

            while (await FetchNowAsync(ending.Token).ConfigureAwait(false))
            {
            }
        }
        finally
        {
            _fetching.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        try
        {
            // As systems do when the last program closes a port.
            await SetLinesAsync(dataTerminalReady: false, requestToSend: false, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TransportException)
        {
            // It is gone, or refuses; there is nobody left to tell.
        }

        closed();
        _closing.Dispose();
    }

    private static TransportException Gone() => new(TransportFailure.Disconnected, "the board left the bus");

    private static UsbControlResponse Checked(UsbControlResponse response) => response.Status switch
    {
        UsbControlStatus.Ack => response,
        UsbControlStatus.Stall => throw new TransportException(TransportFailure.Stall, "the device refused the transfer (STALL)"),
        _ => throw Gone(),
    };

    private CancellationTokenSource Linked(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        }
    }

    private int TakeArrived(Span<byte> buffer)
    {
        lock (_gate)
        {
            var count = Math.Min(buffer.Length, _arrived.Count);
            for (var i = 0; i < count; i++)
            {
                buffer[i] = _arrived.Dequeue();
            }

            return count;
        }
    }

    /// <summary>Keeps what arrives, until the end.</summary>
    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                while (true)
                {
                    var response = await peripheral.TransferInAsync(function.InEndpoint, ReadSize, cancellationToken).ConfigureAwait(false);
                    if (response.Status != UsbControlStatus.Ack || !Keep(response.Data.Span))
                    {
                        return;
                    }
                }
            }
            finally
            {
                _fetching.Release();
            }
        }
        catch (OperationCanceledException)
        {
            // What was written has been taken.
        }
    }

    private bool Keep(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            foreach (var value in data)
            {
                _arrived.Enqueue(value);
            }

            return _arrived.Count < KeptSize;
        }
    }

    /// <summary>Throws away what the device sends at once.</summary>
    private async ValueTask<bool> FetchNowAsync(CancellationToken cancellationToken)
    {
        using var now = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var fetching = peripheral.TransferInAsync(function.InEndpoint, ReadSize, now.Token).AsTask();
        if (!fetching.IsCompleted)
        {
            await now.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            Checked(await fetching.ConfigureAwait(false));
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async ValueTask<UsbControlResponse> SendAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        Checked(await peripheral.ControlAsync(setup, data, cancellationToken).ConfigureAwait(false));
}
