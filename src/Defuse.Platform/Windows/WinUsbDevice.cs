using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Defuse.Transports;
using Microsoft.Extensions.Logging;

namespace Defuse.Platform.Windows;

/// <summary>A USB device that is open through WinUSB or libusbK.</summary>
/// <remarks>
/// After a request that got no answer WinUSB's control pipe answers nothing any more until the device is opened anew, which is done
/// before the next request.
/// </remarks>
internal sealed partial class WinUsbDevice : IUsbDevice
{
    // How much longer than asked for it is waited for the driver's own word that time is up.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // Time left that is worth another try, and the pause before it.
    private static readonly TimeSpan WorthATry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly IWinUsbNative _native;
    private readonly IWinUsbLibrary _library;
    private readonly ImmutableArray<string> _paths;
    private readonly byte _firstInterface;
    private readonly Func<bool> _isPresent;
    private readonly ILogger? _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly WinUsbOverlapped _overlapped = new();

    // What was claimed, and its alternate setting: a device that is opened anew gets it back.
    private readonly SortedDictionary<byte, byte?> _claimed = [];

    private WinUsbSession? _session;
    private nint _buffer;
    private int _bufferSize;
    private bool _isDisposed;

    /// <summary>Opens it.</summary>
    /// <exception cref="TransportException">It cannot be opened, or is gone.</exception>
    public WinUsbDevice(
        IWinUsbNative native,
        IWinUsbLibrary library,
        UsbDeviceInfo info,
        ImmutableArray<string> paths,
        byte firstInterface,
        Func<bool> isPresent,
        TimeProvider time,
        ILogger? logger)
    {
        _native = native;
        _library = library;
        Info = info;
        _paths = paths;
        _firstInterface = firstInterface;
        _isPresent = isPresent;
        Time = time;
        _logger = logger;
        try
        {
            _session = Open();
        }
        catch
        {
            _overlapped.Dispose();
            throw;
        }
    }

    public UsbDeviceInfo Info { get; }

    public TimeProvider Time { get; }

    public async ValueTask<int> ControlInAsync(UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!setup.IsIn || setup.Length != buffer.Length)
        {
            throw new ArgumentException("The setup packet does not fit the buffer.", nameof(setup));
        }

        using var turn = await EnterAsync(cancellationToken).ConfigureAwait(false);
        var started = Time.GetTimestamp();
        for (var left = timeout; ;)
        {
            try
            {
                var count = await TransferAsync(setup, left, cancellationToken).ConfigureAwait(false);
                if (count > buffer.Length)
                {
                    throw new TransportException(TransportFailure.Protocol, $"the device sent {count} bytes where {buffer.Length} were asked for");
                }

                Buffer(count).CopyTo(buffer.Span);
                return count;
            }
            catch (TransportException e) when (e.Failure == TransportFailure.Timeout)
            {
                // The driver gives up after its own 5 s where it did not take the time that it was told. What is only read may be asked again.
                left = timeout - Time.GetElapsedTime(started);
                if (left < WorthATry)
                {
                    throw TimedOut(timeout);
                }

                LogAskedAgain(_logger, setup.Request, left);
                await Task.Delay(Pause, Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask ControlOutAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (setup.IsIn || setup.Length != data.Length)
        {
            throw new ArgumentException("The setup packet does not fit the data.", nameof(setup));
        }

        using var turn = await EnterAsync(cancellationToken).ConfigureAwait(false);
        data.Span.CopyTo(Buffer(data.Length));
        await TransferAsync(setup, timeout, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken).ConfigureAwait(false);
        var session = await SessionAsync(cancellationToken).ConfigureAwait(false);
        Claim(session, interfaceNumber);
        _claimed.TryAdd(interfaceNumber, null);
    }

    public async ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken).ConfigureAwait(false);
        if (!_claimed.ContainsKey(interfaceNumber))
        {
            throw new InvalidOperationException($"Interface {interfaceNumber} is not claimed.");
        }

        var session = await SessionAsync(cancellationToken).ConfigureAwait(false);
        await Task.Run(() => Select(session, interfaceNumber, alternateSetting), CancellationToken.None).ConfigureAwait(false);
        _claimed[interfaceNumber] = alternateSetting;
    }

    public async ValueTask DisposeAsync()
    {
        // Whatever is on its way ends first: the driver writes into this memory until then.
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        if (!_isDisposed)
        {
            _isDisposed = true;
            _session?.Dispose();
            _session = null;
            _overlapped.Dispose();
            FreeBuffer();
        }

        _gate.Release();
    }

    private static TransportException TimedOut(TimeSpan timeout) => Win32Error.OfTransfer(Win32Error.SemaphoreTimeout, static () => true, timeout);

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "Request {Request} got no answer yet; the device is opened anew and asked again for {Left}")]
    private static partial void LogRequestAskedAgain(ILogger logger, byte request, TimeSpan left);

    private static void LogAskedAgain(ILogger? logger, byte request, TimeSpan left)
    {
        if (logger is not null)
        {
            LogRequestAskedAgain(logger, request, left);
        }
    }

    private async ValueTask<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_isDisposed)
        {
            _gate.Release();
            throw new ObjectDisposedException(nameof(WinUsbDevice));
        }

        return new Turn(_gate);
    }

    private WinUsbSession Open() =>
        WinUsbSession.TryOpen(_native, _library, _paths, _firstInterface, out var error) ?? throw Win32Error.OfOpening(error, _isPresent);

    private async ValueTask<WinUsbSession> SessionAsync(CancellationToken cancellationToken) =>
        _session ??= await Task.Run(Reopen, cancellationToken).ConfigureAwait(false);

    private WinUsbSession Reopen()
    {
        var session = Open();
        try
        {
            foreach (var (number, alternateSetting) in _claimed)
            {
                Claim(session, number);

                // Whether WinUSB keeps it while the device is closed is not documented; 0 is what a device begins with.
                if (alternateSetting is > 0)
                {
                    Select(session, number, alternateSetting.Value);
                }
            }

            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private nint Claim(WinUsbSession session, byte number) => session.Claim(number, out var handle) switch
    {
        Win32Error.None => handle,
        Win32Error.NoMoreItems => throw new TransportException(TransportFailure.Protocol, $"the driver shows no interface {number} of the device"),
        Win32Error.AlreadyExists => throw new TransportException(
            TransportFailure.CannotOpen, $"another program has interface {number} of the device", "Close what else uses the board"),
        var error => throw Win32Error.OfOpening(error, _isPresent),
    };

    private void Select(WinUsbSession session, byte number, byte alternateSetting)
    {
        var error = _library.SetCurrentAlternateSetting(Claim(session, number), alternateSetting);
        if (error != Win32Error.None)
        {
            throw Win32Error.OfTransfer(error, _isPresent, Grace);
        }
    }

    // What is sent lies in the buffer already; what comes is there afterwards.
    private async ValueTask<int> TransferAsync(UsbSetupPacket setup, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var session = await SessionAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        Buffer(setup.Length);
        var isForInterface = (setup.RequestType & 0x1F) == 1;
        var handle = session.HandleFor(isForInterface ? unchecked((byte)setup.Index) : null, Milliseconds(timeout));
        _overlapped.Reset();
        var error = _library.ControlTransfer(handle, setup, _buffer, _overlapped);
        uint count = 0;
        if (error is Win32Error.None or Win32Error.IoPending)
        {
            var isOver = await CompleteAsync(session, timeout, cancellationToken).ConfigureAwait(false);
            error = _library.GetOverlappedResult(handle, _overlapped, out count);
            if (error == Win32Error.OperationAborted && isOver)
            {
                CloseSession();
                cancellationToken.ThrowIfCancellationRequested();
                error = Win32Error.SemaphoreTimeout;
            }
        }

        if (error is Win32Error.SemaphoreTimeout or Win32Error.Timeout)
        {
            CloseSession();
        }

        return error == Win32Error.None ? (int)count : throw Win32Error.OfTransfer(error, _isPresent, timeout);
    }

    /// <summary>Waits until the transfer has ended; one that takes too long, or is given up, is cancelled first.</summary>
    /// <returns>Whether it was cancelled. It may have ended well all the same.</returns>
    private async ValueTask<bool> CompleteAsync(WinUsbSession session, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_overlapped.Completed.WaitOne(0))
        {
            return false;
        }

        var completed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wait = ThreadPool.UnsafeRegisterWaitForSingleObject(
            _overlapped.Completed, static (state, _) => ((TaskCompletionSource)state!).TrySetResult(), completed, Timeout.Infinite, executeOnlyOnce: true);
        try
        {
            await completed.Task.WaitAsync(timeout + Grace, Time, cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _native.CancelIo(session.File, _overlapped);
            await completed.Task.ConfigureAwait(false);
            return true;
        }
        finally
        {
            wait.Unregister(null);
        }
    }

    // 0 would be for ever.
    private static uint Milliseconds(TimeSpan timeout) => (uint)Math.Clamp(Math.Ceiling(timeout.TotalMilliseconds), 1, int.MaxValue);

    private void CloseSession()
    {
        _session?.Dispose();
        _session = null;
    }

    private unsafe Span<byte> Buffer(int size)
    {
        if (size > _bufferSize)
        {
            // What is in it already stays: a block to be sent is put there before its session is known.
            _buffer = (nint)NativeMemory.Realloc((void*)_buffer, (nuint)size);
            _bufferSize = size;
        }

        return new Span<byte>((void*)_buffer, size);
    }

    private unsafe void FreeBuffer()
    {
        NativeMemory.Free((void*)_buffer);
        _buffer = 0;
        _bufferSize = 0;
    }

    private readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
