using System.Threading.Channels;
using Defuse.Transports;

namespace Defuse.Monitoring;

/// <summary>One run of a <see cref="SerialMonitor"/>: three flows, from the input to a queue, from there to the port, and from the port to the output.</summary>
internal sealed class MonitorSession(ISerialHost host, TimeProvider time, SerialMonitorOptions options, IProgress<SerialMonitorEvent> events) : IAsyncDisposable
{
    private const int ReadSize = 4096;
    private const int LongestQueue = 64;

    // A board is away for half a second at least, and its port is another user's until udev has seen it.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OpensByItself = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestFarewell = TimeSpan.FromMilliseconds(500);

    private readonly Channel<ReadOnlyMemory<byte>> _queue = Channel.CreateBounded<ReadOnlyMemory<byte>>(LongestQueue);
    private readonly TaskCompletionSource _allIsSent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards the two below: the port, and while the board is away what tells of the next one.
    private readonly Lock _lock = new();
    private ISerialPort? _port;
    private TaskCompletionSource<ISerialPort> _present = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Works until it is cancelled, or somebody quits.</summary>
    public async Task RunAsync(ISerialPort port, Stream input, Stream output, CancellationToken cancellationToken)
    {
        Use(port);
        events.Report(new SerialMonitorEvent(SerialMonitorEventKind.Opened, port.Info.Name) { Product = port.Info.Product });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var all = Task.WhenAll(
            EndingAllAsync(ReadInputAsync(input, ending.Token), ending),
            EndingAllAsync(SendAsync(ending.Token), ending),
            EndingAllAsync(ReceiveAsync(port, output, ending.Token), ending));
        try
        {
            await all.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Somebody quit.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Current is { } port)
        {
            await port.DisposeAsync().ConfigureAwait(false);
        }
    }

    private bool IsKeyboard => options.QuitKey is not null;

    private ISerialPort? Current
    {
        get
        {
            lock (_lock)
            {
                return _port;
            }
        }
    }

    // A flow that fails, or says that all is over, ends the others.
    private static async Task EndingAllAsync(Task<bool> flow, CancellationTokenSource ending)
    {
        var isOver = true;
        try
        {
            isOver = await flow.ConfigureAwait(false);
        }
        finally
        {
            if (isOver)
            {
                await ending.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    private void Use(ISerialPort? port)
    {
        lock (_lock)
        {
            _port = port;
            if (port is not null)
            {
                _present.TrySetResult(port);
            }
            else
            {
                Await();
            }
        }
    }

    // Whoever sends may learn before the one who reads that the board left.
    private void Miss(ISerialPort port)
    {
        lock (_lock)
        {
            if (_port == port)
            {
                Await();
            }
        }
    }

    // Those who wait already go on waiting for the same board.
    private void Await()
    {
        if (_present.Task.IsCompleted)
        {
            _present = new TaskCompletionSource<ISerialPort>(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private Task<ISerialPort> PresentAsync()
    {
        lock (_lock)
        {
            return _present.Task;
        }
    }

    private async Task<bool> ReadInputAsync(Stream input, CancellationToken cancellationToken)
    {
        var buffer = new byte[ReadSize];
        while (true)
        {
            // Not every input can be told to give up.
            var count = await input.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            var quit = options.QuitKey is { } key ? buffer.AsSpan(0, count).IndexOf(key) : -1;
            var typed = buffer.AsMemory(0, quit < 0 ? count : quit).ToArray();
            if (!IsKeyboard)
            {
                await _queue.Writer.WriteAsync(typed, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // A board that takes nothing must not keep the quit key from being read.
                _queue.Writer.TryWrite(typed);
            }

            if (count == 0 || quit >= 0)
            {
                _queue.Writer.Complete();
                if (IsKeyboard)
                {
                    await Task.WhenAny(_allIsSent.Task, Task.Delay(LongestFarewell, time, cancellationToken)).ConfigureAwait(false);
                }

                return IsKeyboard;
            }
        }
    }

    private async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        await foreach (var data in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            var isSent = false;
            while (!isSent)
            {
                isSent = await SendAsync(data, cancellationToken).ConfigureAwait(false);
            }
        }

        _allIsSent.TrySetResult();
        return false;
    }

    // What is typed while there is no board goes nowhere; what comes from a program waits for it.
    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var port = IsKeyboard ? Current : await PresentAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (port is null)
        {
            return true;
        }

        try
        {
            await port.WriteAsync(data, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TransportException { Failure: TransportFailure.Disconnected } or ObjectDisposedException)
        {
            // Whoever reads from the port learns it too, and tells.
            Miss(port);
            return IsKeyboard;
        }
    }

    private async Task<bool> ReceiveAsync(ISerialPort port, Stream output, CancellationToken cancellationToken)
    {
        var buffer = new byte[ReadSize];
        while (true)
        {
            try
            {
                var count = await port.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (TransportException e) when (options.Reconnects && e.Failure == TransportFailure.Disconnected)
            {
                // As long as it is open, its name is not free for the board that comes back.
                Use(null);
                await port.DisposeAsync().ConfigureAwait(false);
                events.Report(new SerialMonitorEvent(SerialMonitorEventKind.Left, port.Info.Name) { Product = port.Info.Product });
                port = await ReturnAsync(port.Info, cancellationToken).ConfigureAwait(false);
                Use(port);
                events.Report(new SerialMonitorEvent(SerialMonitorEventKind.Returned, port.Info.Name) { Product = port.Info.Product });
            }
        }
    }

    private async ValueTask<ISerialPort> ReturnAsync(SerialPortInfo left, CancellationToken cancellationToken)
    {
        long? refusedSince = null;
        var isTold = false;
        while (true)
        {
            await Task.Delay(LookAgain, time, cancellationToken).ConfigureAwait(false);
            try
            {
                if (await NameNowAsync(left, cancellationToken).ConfigureAwait(false) is { } name)
                {
                    return await host.OpenAsync(name, options.Settings, cancellationToken).ConfigureAwait(false);
                }

                refusedSince = null;
            }
            catch (TransportException e)
            {
                if (e.Failure == TransportFailure.Disconnected)
                {
                    refusedSince = null;
                    continue;
                }

                refusedSince ??= time.GetTimestamp();
                if (!isTold && time.GetElapsedTime(refusedSince.Value) >= OpensByItself)
                {
                    isTold = true;
                    events.Report(new SerialMonitorEvent(SerialMonitorEventKind.Refused, left.Name) { Product = left.Product, Reason = e });
                }
            }
        }
    }

    // The board at the same place, or else the same one at another: its name may be another board's by now.
    private async ValueTask<string?> NameNowAsync(SerialPortInfo left, CancellationToken cancellationToken)
    {
        if (left.UsbLocation is null)
        {
            return left.Name;
        }

        var ports = await host.ListAsync(cancellationToken).ConfigureAwait(false);
        var there = ports.Where(x => string.Equals(x.UsbLocation, left.UsbLocation, StringComparison.Ordinal)).ToList();
        return (there.Find(x => x.InterfaceNumber == left.InterfaceNumber) ?? there.FirstOrDefault())?.Name
            ?? ports.FirstOrDefault(x => IsSame(x, left))?.Name;
    }

    private static bool IsSame(SerialPortInfo one, SerialPortInfo other) =>
        one.SerialNumber is not null
        && (one.VendorId, one.ProductId, one.InterfaceNumber) == (other.VendorId, other.ProductId, other.InterfaceNumber)
        && string.Equals(one.SerialNumber, other.SerialNumber, StringComparison.Ordinal);
}
