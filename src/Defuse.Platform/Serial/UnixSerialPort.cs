using System.Runtime.Versioning;
using Defuse.Transports;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Serial;

/// <summary>A serial port of Linux or macOS that is open.</summary>
/// <remarks>
/// One thread for each open port waits in poll(2) for what arrives and keeps it, up to 64 KB; what comes beyond that stays with the
/// system. So a read that is cancelled loses nothing, and a port that goes away is noticed, and closed, without one.
/// </remarks>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal sealed class UnixSerialPort : ISerialPort
{
    private const int Capacity = 64 * 1024;
    private const int Forever = -1;

    // What the system has not sent by then is given up: with a device that takes nothing, close(2) would wait half a minute.
    private static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrainStep = TimeSpan.FromMilliseconds(2);

    private readonly UnixTerminal _terminal;
    private readonly SafeFileHandle _file;
    private readonly Wakeup _wakeup = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards all that follows, and the reading of the file: what was discarded must not come back.
    private readonly Lock _lock = new();
    private readonly byte[] _arrived = new byte[Capacity];
    private int _first;
    private int _count;
    private TaskCompletionSource? _arrival;
    private TaskCompletionSource? _room;
    private TransportException? _failure;
    private SerialSettings _settings;
    private bool _isDisposed;

    /// <summary>Takes over a file that is set up.</summary>
    public UnixSerialPort(UnixTerminal terminal, SafeFileHandle file, SerialPortInfo info, SerialSettings settings, TimeProvider time)
    {
        _terminal = terminal;
        _file = file;
        _settings = settings;
        Info = info;
        Time = time;
        new Thread(Serve) { IsBackground = true, Name = $"Defuse {info.Name}" }.UnsafeStart();
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
                ThrowIfUnusable();
                var error = _terminal.GetLines(_file, out var lines);
                return Errno.IsUnsupported(error) ? SerialInputLines.None
                    : error == Errno.None ? Lines(lines)
                    : throw Failed("read its lines", error);
            }
        }
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(buffer.Length, nameof(buffer));
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task arrival;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (_count > 0)
                {
                    return Take(buffer.Span);
                }

                ThrowIfUnusable();
                _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrival = _arrival.Task;
            }

            await arrival.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task room;
            lock (_lock)
            {
                ThrowIfUnusable();
                var written = Write(data.Span);
                data = data[written..];
                if (written > 0)
                {
                    continue;
                }

                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
                _wakeup.Set();
            }

            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask ConfigureAsync(SerialSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        await DrainAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            ThrowIfUnusable();
            Configure(_terminal, _file, Info.Name, settings);
            _settings = settings;
        }
    }

    public ValueTask SetLinesAsync(bool? dataTerminalReady, bool? requestToSend, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ThrowIfUnusable();

            // Those that change the same way change together.
            foreach (var isAsserted in (bool[])[true, false])
            {
                var lines = (dataTerminalReady == isAsserted ? UnixTerminal.DataTerminalReady : 0) | (requestToSend == isAsserted ? UnixTerminal.RequestToSend : 0);
                var error = lines == 0 ? Errno.None : _terminal.SetLines(_file, lines, isAsserted);
                if (error != Errno.None)
                {
                    throw Errno.IsUnsupported(error)
                        ? new TransportException(TransportFailure.Fault, $"{Info.Name} has no DTR and RTS")
                        : Failed("drive DTR and RTS", error);
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask SendBreakAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        await DrainAsync(cancellationToken).ConfigureAwait(false);
        SetBreak(isOn: true);
        try
        {
            await Task.Delay(duration, Time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            SetBreak(isOn: false);
        }
    }

    public ValueTask DiscardInputAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ThrowIfUnusable();
            _first = _count = 0;
            var error = _terminal.FlushInput(_file);
            if (error != Errno.None)
            {
                throw Failed("discard what has arrived", error);
            }

            _wakeup.Set();
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        var isLate = false;
        lock (_lock)
        {
            isLate = _isDisposed;
        }

        if (!isLate)
        {
            await DrainAsync(CancellationToken.None).ConfigureAwait(false);
            lock (_lock)
            {
                if (!_isDisposed)
                {
                    _isDisposed = true;
                    _wakeup.Set();
                }
            }
        }

        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Sets baud rate and frame of a file.</summary>
    /// <exception cref="TransportException">The port is gone, or cannot do that.</exception>
    public static void Configure(UnixTerminal terminal, SafeFileHandle file, string name, SerialSettings settings)
    {
        var error = terminal.Configure(file, settings, out var baudRate);
        if (error != Errno.None)
        {
            throw Errno.IsGone(error) ? SerialErrors.Left(name) : SerialErrors.Failed(name, $"be set to {settings.BaudRate} baud", Errno.Text(error));
        }

        // A receiver that is off by more reads other bits (half a bit in ten).
        if (Math.Abs((double)baudRate - settings.BaudRate) > settings.BaudRate * 0.05)
        {
            throw new TransportException(TransportFailure.Fault, $"{name} does not do {settings.BaudRate} baud, only {baudRate}", "Choose another baud rate");
        }
    }

    private static SerialInputLines Lines(int lines)
    {
        SerialInputLines Line(int bit, SerialInputLines line) => (lines & bit) != 0 ? line : SerialInputLines.None;
        return Line(UnixTerminal.ClearToSend, SerialInputLines.ClearToSend)
            | Line(UnixTerminal.DataSetReady, SerialInputLines.DataSetReady)
            | Line(UnixTerminal.RingIndicator, SerialInputLines.RingIndicator)
            | Line(UnixTerminal.CarrierDetect, SerialInputLines.DataCarrierDetect);
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_failure is { } failure)
        {
            // Each caller gets one of its own: it is thrown on several stacks.
            throw new TransportException(failure.Failure, failure.Message, failure.Remedy);
        }
    }

    private TransportException Failed(string what, int error) =>
        Errno.IsGone(error) ? SerialErrors.Left(Info.Name) : SerialErrors.Failed(Info.Name, what, Errno.Text(error));

    private int Take(Span<byte> buffer)
    {
        if (_count == Capacity)
        {
            _wakeup.Set();
        }

        var length = Math.Min(Math.Min(buffer.Length, _count), Capacity - _first);
        _arrived.AsSpan(_first, length).CopyTo(buffer);
        _first = (_first + length) % Capacity;
        _count -= length;
        if (length < buffer.Length && _count > 0)
        {
            length += Take(buffer[length..]);
        }

        return length;
    }

    // How many bytes the system took; 0 if it takes none now.
    private int Write(ReadOnlySpan<byte> data)
    {
        var written = Libc.Write(_file, data, (nuint)data.Length);
        if (written >= 0)
        {
            return (int)written;
        }

        var error = Errno.Last;
        return Errno.IsTryAgain(error) ? 0 : throw Failed("be written to", error);
    }

    private void SetBreak(bool isOn)
    {
        lock (_lock)
        {
            ThrowIfUnusable();
            var error = _terminal.SetBreak(_file, isOn);
            if (error != Errno.None)
            {
                throw Failed("send a break", error);
            }
        }
    }

    // Waits until the system has sent what it took, or for so long.
    private async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        var started = Time.GetTimestamp();
        while (Unsent() > 0 && Time.GetElapsedTime(started) < LongestDrain)
        {
            await Task.Delay(DrainStep, Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private int Unsent()
    {
        lock (_lock)
        {
            return _isDisposed || _failure is not null ? 0 : _terminal.Unsent(_file);
        }
    }

    private void Serve()
    {
        try
        {
            while (Next() is { } wanted)
            {
                Wait(wanted);
            }
        }
        finally
        {
            if (!_file.IsClosed)
            {
                // A pseudo-terminal has none of it, and would drop what the other side has not read yet.
                if (_terminal.Unsent(_file) > 0)
                {
                    _ = _terminal.FlushOutput(_file);
                }

                _ = _terminal.SetExclusive(_file, isExclusive: false);
                _file.Dispose();
            }

            _wakeup.Dispose();
            _ended.SetResult();
        }
    }

    // What poll is to wait for; null when it is over.
    private short? Next()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                Finish();
                return null;
            }

            return _failure is not null
                ? (short)0
                : (short)((_count < Capacity ? Libc.PollIn : 0) | (_room is not null ? Libc.PollOut : 0));
        }
    }

    private void Wait(short wanted)
    {
        // Of a port that is gone poll always tells, whatever is asked: such a one is left out.
        Span<Libc.Polled> files =
        [
            new Libc.Polled { File = _wakeup.File, Wanted = Libc.PollIn },
            new Libc.Polled { File = (int)_file.DangerousGetHandle(), Wanted = wanted },
        ];
        if (Libc.Poll(files, wanted == 0 ? 1u : 2u, Forever) < 0)
        {
            var error = Errno.Last;
            if (!Errno.IsTryAgain(error))
            {
                Fail(Failed("be waited for", error));
            }

            return;
        }

        if (files[0].Found != 0)
        {
            _wakeup.Reset();
        }

        if (wanted != 0 && files[1].Found != 0)
        {
            Receive();
            if ((files[1].Found & ~Libc.PollIn) != 0)
            {
                Resume();
            }
        }
    }

    private void Receive()
    {
        lock (_lock)
        {
            while (_count < Capacity && !_isDisposed && _failure is null)
            {
                var end = (_first + _count) % Capacity;
                var room = Math.Min(Capacity - _count, Capacity - end);
                var received = Libc.Read(_file, _arrived.AsSpan(end, room), (nuint)room);
                var error = received < 0 ? Errno.Last : Errno.None;
                if (error != Errno.None && Errno.IsTryAgain(error))
                {
                    break;
                }

                if (received <= 0)
                {
                    Fail(error == Errno.None ? SerialErrors.Left(Info.Name) : Failed("be read", error));
                    break;
                }

                _count += (int)received;
            }

            if (_count > 0)
            {
                _arrival?.TrySetResult();
                _arrival = null;
            }
        }
    }

    // Whoever waits for room looks again.
    private void Resume()
    {
        lock (_lock)
        {
            _room?.TrySetResult();
            _room = null;
        }
    }

    private void Fail(TransportException failure)
    {
        lock (_lock)
        {
            _failure ??= failure;
            Finish();

            // As long as it is open, its name is not free for the board that comes back.
            _file.Dispose();
        }
    }

    private void Finish()
    {
        _arrival?.TrySetResult();
        _arrival = null;
        _room?.TrySetResult();
        _room = null;
    }
}
