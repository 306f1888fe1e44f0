using Defuse.Platform.Serial;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>A serial port of Windows that is open. Never run on Windows.</summary>
/// <remarks>A read that is given up stays with the driver, and the next one takes what it brings: nothing is lost.</remarks>
internal sealed class WindowsSerialPort : ISerialPort
{
    // EscapeCommFunction.
    private const uint SetRts = 3;
    private const uint ClearRts = 4;
    private const uint SetDtr = 5;
    private const uint ClearDtr = 6;
    private const uint SetBreak = 8;
    private const uint ClearBreak = 9;

    // PurgeComm: end reads that are on their way, and clear what has arrived.
    private const uint PurgeInput = 0x2 | 0x8;

    // Together: a read ends with the first bytes, or after this time with none (COMMTIMEOUTS).
    private const uint AtOnce = 0xFFFFFFFF;
    private const uint LongestRead = 0x7FFFFFFF;

    private readonly IWindowsSerial _native;
    private readonly nint _file;
    private readonly WindowsSerialTransfer _reader;
    private readonly WindowsSerialTransfer _writer;

    // Guards what follows.
    private readonly Lock _lock = new();
    private SerialSettings _settings;
    private bool _dataTerminalReady;
    private bool _requestToSend;
    private Task<(int Error, int Count)>? _reading;
    private Task<(int Error, int Count)>? _writing;
    private int _first;
    private int _count;
    private bool _isDiscarded;
    private bool _isDisposed;

    private WindowsSerialPort(IWindowsSerial native, nint file, SerialPortInfo info, SerialSettings settings, TimeProvider time)
    {
        _native = native;
        _file = file;
        _settings = settings;
        _dataTerminalReady = settings.DataTerminalReady;
        _requestToSend = settings.RequestToSend;
        Info = info;
        Time = time;
        _reader = new WindowsSerialTransfer(native, file);
        _writer = new WindowsSerialTransfer(native, file);
    }

    public SerialPortInfo Info { get; }

    public TimeProvider Time { get; }

    public SerialSettings Settings
    {
        get
        {
            lock (_lock)
            {
                return _settings;
            }
        }
    }

    public SerialInputLines InputLines
    {
        get
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                var error = _native.GetModemStatus(_file, out var status);
                return error == Win32Error.None ? Lines(status) : throw Failed("read its lines", error);
            }
        }
    }

    /// <summary>Opens a port.</summary>
    /// <exception cref="TransportException">It cannot be opened, or is not there.</exception>
    public static WindowsSerialPort Open(IWindowsSerial native, SerialPortInfo info, SerialSettings settings, TimeProvider time)
    {
        var error = native.Open($@"\\.\{info.Name}", out var file);
        if (error != Win32Error.None)
        {
            throw OfOpening(info.Name, error);
        }

        WindowsSerialPort? port = null;
        try
        {
            port = new WindowsSerialPort(native, file, info, settings, time);
            port.Configure(settings);
            error = native.SetTimeouts(file, AtOnce, AtOnce, LongestRead);
            return error == Win32Error.None ? port : throw port.Failed("be set up", error);
        }
        catch
        {
            port?.Free();
            native.Close(file);
            throw;
        }
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(buffer.Length, nameof(buffer));
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task<(int Error, int Count)> reading;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (_count > 0)
                {
                    var length = Math.Min(buffer.Length, _count);
                    _reader.Buffer.Slice(_first, length).CopyTo(buffer.Span);
                    _first += length;
                    _count -= length;
                    return length;
                }

                reading = _reading ??= _reader.ReadAsync();
            }

            var result = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                EndRead(reading, result);
            }
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task<(int Error, int Count)> writing;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                var length = Math.Min(data.Length, WindowsSerialTransfer.Size);
                data.Span[..length].CopyTo(_writer.Buffer);
                writing = _writing = _writer.WriteAsync(length);
            }

            var registration = cancellationToken.UnsafeRegister(static x => ((WindowsSerialTransfer)x!).Cancel(), _writer);
            (int Error, int Count) result;
            await using (registration.ConfigureAwait(false))
            {
                result = await writing.ConfigureAwait(false);
            }

            lock (_lock)
            {
                _writing = null;
                ObjectDisposedException.ThrowIf(_isDisposed, this);
            }

            data = data[result.Count..];
            if (result.Error != Win32Error.None)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw Failed("be written to", result.Error);
            }
        }
    }

    public async ValueTask ConfigureAsync(SerialSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);

        // It waits for a request to the device.
        await Task.Run(
            () =>
            {
                lock (_lock)
                {
                    ObjectDisposedException.ThrowIf(_isDisposed, this);
                    Configure(settings);
                    _settings = settings;
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask SetLinesAsync(bool? dataTerminalReady, bool? requestToSend, CancellationToken cancellationToken) =>
        await Task.Run(
            () =>
            {
                lock (_lock)
                {
                    if (dataTerminalReady is { } dtr)
                    {
                        Escape(dtr ? SetDtr : ClearDtr, "drive DTR");
                        _dataTerminalReady = dtr;
                    }

                    if (requestToSend is { } rts)
                    {
                        Escape(rts ? SetRts : ClearRts, "drive RTS");
                        _requestToSend = rts;
                    }
                }
            },
            cancellationToken).ConfigureAwait(false);

    public async ValueTask SendBreakAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        Escape(SetBreak, "send a break");
        try
        {
            await Task.Delay(duration, Time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Escape(ClearBreak, "end a break");
        }
    }

    public async ValueTask DiscardInputAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task<(int Error, int Count)>? reading;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _count = 0;
            reading = _reading;
            _isDiscarded = reading is not null;
            var error = _native.Purge(_file, PurgeInput);
            if (error != Win32Error.None)
            {
                throw Failed("discard what has arrived", error);
            }
        }

        if (reading is not null)
        {
            var result = await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                EndRead(reading, result);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<(int Error, int Count)>?[] pending;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            pending = [_reading, _writing];
        }

        // The driver uses this memory until it says that it has done.
        _reader.Cancel();
        _writer.Cancel();
        foreach (var transfer in pending)
        {
            if (transfer is not null)
            {
                await transfer.ConfigureAwait(false);
            }
        }

        Free();
        _native.Close(_file);
    }

    private static SerialInputLines Lines(uint status)
    {
        SerialInputLines Line(uint bit, SerialInputLines line) => (status & bit) != 0 ? line : SerialInputLines.None;
        return Line(0x10, SerialInputLines.ClearToSend) | Line(0x20, SerialInputLines.DataSetReady) | Line(0x40, SerialInputLines.RingIndicator) | Line(0x80, SerialInputLines.DataCarrierDetect);
    }

    private static TransportException OfOpening(string name, int error) => error switch
    {
        Win32Error.AccessDenied or Win32Error.SharingViolation => SerialErrors.CannotOpen(SerialErrors.InUse(name, [])),
        _ when Win32Error.IsGone(error) => SerialErrors.Missing(name),
        _ => new(TransportFailure.CannotOpen, $"Windows does not open {name} (error {error})", "Plug the board in again, and run the same command again"),
    };

    // Takes what a read brought, once, however many wait for it.
    private void EndRead(Task<(int Error, int Count)> reading, (int Error, int Count) result)
    {
        if (_reading != reading)
        {
            return;
        }

        _reading = null;
        var isDiscarded = _isDiscarded;
        _isDiscarded = false;
        var (error, count) = result;
        if (isDiscarded && error is (Win32Error.None or Win32Error.OperationAborted))
        {
            return;
        }

        _first = 0;
        _count = count;
        if (count == 0 && error != Win32Error.None)
        {
            throw Failed("be read", error);
        }
    }

    private void Configure(SerialSettings settings)
    {
        var state = default(DeviceControlBlock);
        var error = _native.GetState(_file, ref state);
        if (error == Win32Error.None)
        {
            state.Apply(settings, _dataTerminalReady, _requestToSend);
            error = _native.SetState(_file, in state);
        }

        if (error != Win32Error.None)
        {
            throw error == Win32Error.InvalidParameter
                ? new TransportException(TransportFailure.Fault, $"{Info.Name} does not do {settings.BaudRate} baud with such a frame", "Choose another baud rate or frame")
                : Failed($"be set to {settings.BaudRate} baud", error);
        }
    }

    private void Escape(uint function, string what)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var error = _native.Escape(_file, function);
            if (error != Win32Error.None)
            {
                throw Failed(what, error);
            }
        }
    }

    // A port whose device was pulled fails with whatever its driver thinks of; what was on its way is called aborted.
    private TransportException Failed(string what, int error) =>
        Win32Error.IsGone(error) || error is Win32Error.AccessDenied or Win32Error.GeneralFailure or Win32Error.OperationAborted
            ? SerialErrors.Left(Info.Name)
            : SerialErrors.Failed(Info.Name, what, $"Windows' error {error}");

    private void Free()
    {
        _reader.Dispose();
        _writer.Dispose();
    }
}
