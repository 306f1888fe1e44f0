using Defuse.Transports;
using Defuse.UsbIp.Wire;
using Microsoft.Extensions.Logging;

namespace Defuse.UsbIp;

/// <summary>The server's side of a connection's second phase: hands one client's transfers to one peripheral.</summary>
/// <remarks>
/// Transfers to one endpoint and direction run one at a time, in the order they came; a bulk IN that waits for its device
/// holds up no other endpoint, and the next commands are read meanwhile. Control transfers of both directions are one
/// queue. CMD_UNLINK, after the Linux server's ways: a transfer that waits is removed and answered -ECONNRESET, with no
/// RET_SUBMIT. The one that runs is given up by cancelling it; if the device answers in spite of that, the answer is sent,
/// and then RET_UNLINK with 0, as if it had come too late. Anything else has been answered already: 0.
/// </remarks>
internal sealed class UrbSession(Stream stream, IUsbPeripheral peripheral, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>How many transfers may wait, of all endpoints; Linux submits a few, and 16 to read from a serial port.</summary>
    public const int MaxWaiting = 256;

    /// <summary>How many bytes may wait to be sent to the device: as many as Linux lets all its programs have in work.</summary>
    public const int MaxWaitingBytes = 16 << 20;

    private static readonly TimeSpan UnplugPoll = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // By endpoint and direction; there are 31 at most.
    private readonly Dictionary<(uint Endpoint, bool IsIn), EndpointQueue> _queues = [];
    private readonly List<Task> _workers = [];
    private volatile bool _left;
    private volatile bool _unplugged;

    /// <summary>Serves until the client goes (false), or the peripheral does (true).</summary>
    /// <exception cref="TransportException">The client sent what is no USB/IP.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(ending.Token);
        var watching = WatchAsync(ending.Token);
        try
        {
            var first = await Task.WhenAny(reading, watching, _broken.Task).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);

            // No worker is added once nothing is read any more.
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var running in Running())
            {
                await running.GivenUp.CancelAsync().ConfigureAwait(false);
            }

            await Task.WhenAll([watching, .. _workers]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return _unplugged;
    }

    public void Dispose()
    {
        _sending.Dispose();
        foreach (var queue in _queues.Values)
        {
            queue.Dispose();
        }
    }

    private ServedUrb[] Running()
    {
        lock (_lock)
        {
            return [.. _queues.Values.Select(x => x.Running).OfType<ServedUrb>()];
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var header = new byte[UrbMessage.Size];
        while (await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) == header.Length)
        {
            switch (UrbMessage.Read(header))
            {
                case CmdSubmit command:
                    await SubmitAsync(command, cancellationToken).ConfigureAwait(false);
                    break;
                case CmdUnlink command:
                    await UnlinkAsync(command, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    throw new TransportException(TransportFailure.Protocol, "a USB/IP client sent a server's reply");
            }
        }
    }

    private async ValueTask SubmitAsync(CmdSubmit command, CancellationToken cancellationToken)
    {
        if (command.Endpoint == 0 && command.TransferBufferLength > ushort.MaxValue)
        {
            throw new TransportException(
                TransportFailure.Protocol, $"a control transfer has {command.TransferBufferLength} bytes where wLength ends at {ushort.MaxValue}");
        }

        lock (_lock)
        {
            Check(command);
        }

        var data = new byte[command.DataLength];
        await stream.ReadExactlyAsync(data, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            var queue = QueueOf(command, cancellationToken);
            queue.Waiting.Add(new ServedUrb(command, data));
            queue.Submitted.Release();
        }
    }

    private void Check(CmdSubmit command)
    {
        var (count, bytes) = (0, (long)command.DataLength);
        foreach (var urb in _queues.Values.SelectMany(x => x.Waiting))
        {
            count++;
            bytes += urb.Data.Length;
        }

        if (count >= MaxWaiting)
        {
            throw new TransportException(TransportFailure.Protocol, $"a USB/IP client submitted more than {MaxWaiting} transfers at once");
        }

        if (bytes > MaxWaitingBytes)
        {
            throw new TransportException(TransportFailure.Protocol, $"a USB/IP client submitted more than {MaxWaitingBytes} bytes at once");
        }
    }

    private EndpointQueue QueueOf(CmdSubmit command, CancellationToken cancellationToken)
    {
        var key = (command.Endpoint, command.Endpoint != 0 && command.IsIn);
        if (!_queues.TryGetValue(key, out var queue))
        {
            queue = new EndpointQueue();
            _queues.Add(key, queue);
            _workers.Add(WorkAsync(queue, cancellationToken));
        }

        return queue;
    }

    private async ValueTask UnlinkAsync(CmdUnlink command, CancellationToken cancellationToken)
    {
        ServedUrb? running = null;
        var status = 0;
        lock (_lock)
        {
            foreach (var queue in _queues.Values)
            {
                if (queue.Waiting.RemoveAll(x => x.Command.SeqNum == command.UnlinkSeqNum) > 0)
                {
                    status = -Errno.Econnreset;
                }
                else if (running is null && queue.Running is { UnlinkedBy: null } urb && urb.Command.SeqNum == command.UnlinkSeqNum)
                {
                    running = urb;
                    running.UnlinkedBy = command.SeqNum;
                }
            }
        }

        if (running is null)
        {
            await SendAsync(new RetUnlink(command.SeqNum, status), default, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await running.GivenUp.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task WorkAsync(EndpointQueue queue, CancellationToken cancellationToken)
    {
        // The lock that the caller holds is not for what the device does.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (!_unplugged)
            {
                await queue.Submitted.WaitAsync(cancellationToken).ConfigureAwait(false);
                ServedUrb urb;
                lock (_lock)
                {
                    // In the lock: at the end of the session either this transfer is seen there, and given up, or the end here.
                    cancellationToken.ThrowIfCancellationRequested();
                    if (queue.Waiting.Count == 0)
                    {
                        continue;
                    }

                    urb = queue.Running = queue.Waiting[0];
                    queue.Waiting.RemoveAt(0);
                }

                await AnswerAsync(queue, urb, cancellationToken).ConfigureAwait(false);
            }

            _broken.TrySetResult();
        }
        catch (Exception e)
        {
            _broken.TrySetException(e);
        }
    }

    private async ValueTask AnswerAsync(EndpointQueue queue, ServedUrb urb, CancellationToken cancellationToken)
    {
        var reply = await ExecuteAsync(urb).ConfigureAwait(false);

        // Nothing may be sent between the end of the transfer and its reply: an unlink that finds the transfer ended says
        // that its RET_SUBMIT was sent, and Linux's client gives up a connection where it comes later.
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            uint? unlinkedBy;
            lock (_lock)
            {
                queue.Running = null;
                unlinkedBy = urb.UnlinkedBy;
            }

            if (reply is var (header, data))
            {
                await stream.WriteAsync(header.ToBytes(data.Span), cancellationToken).ConfigureAwait(false);
            }

            if (unlinkedBy is { } seqNum && !_unplugged)
            {
                var status = reply is null ? -Errno.Econnreset : 0;
                await stream.WriteAsync(new RetUnlink(seqNum, status).ToBytes(), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _sending.Release();
        }

        _unplugged |= !peripheral.IsConnected && urb.Command.Endpoint == 0;
    }

    /// <summary>The device's answer; null if there is none, since it left or the transfer was given up.</summary>
    private async ValueTask<(RetSubmit Header, ReadOnlyMemory<byte> Data)?> ExecuteAsync(ServedUrb urb)
    {
        var (command, setup) = (urb.Command, urb.Command.Setup);
        var isControl = command.Endpoint == 0;

        // Without a data stage the direction means nothing, and Linux then says OUT.
        if (isControl && ((command.IsIn != setup.IsIn && setup.Length != 0) || (!command.IsIn && command.DataLength != setup.Length)))
        {
            return (new RetSubmit(command.SeqNum, -Errno.Einval, 0), default);
        }

        var longest = isControl ? Math.Min(command.TransferBufferLength, setup.Length) : command.TransferBufferLength;
        UsbControlResponse response;
        try
        {
            response = isControl ? await peripheral.ControlAsync(setup, urb.Data, urb.GivenUp.Token).ConfigureAwait(false)
                : command.IsIn ? await peripheral.TransferInAsync((byte)(0x80 | command.Endpoint), longest, urb.GivenUp.Token).ConfigureAwait(false)
                : await peripheral.TransferOutAsync((byte)command.Endpoint, urb.Data, urb.GivenUp.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (urb.GivenUp.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            // Whatever is wrong with one device is not the other devices' trouble.
            Log.PeripheralFailed(logger, e);
            return (new RetSubmit(command.SeqNum, -Errno.Eproto, 0), default);
        }

        switch (response.Status)
        {
            case UsbControlStatus.Ack when command.IsIn && response.Data.Length > longest:
                return (new RetSubmit(command.SeqNum, -Errno.Eoverflow, 0), default);
            case UsbControlStatus.Ack when command.IsIn:
                return (new RetSubmit(command.SeqNum, 0, response.Data.Length), response.Data);
            case UsbControlStatus.Ack:
                return (new RetSubmit(command.SeqNum, 0, command.DataLength), default);
            case UsbControlStatus.Stall:
                return (new RetSubmit(command.SeqNum, -Errno.Epipe, 0), default);
            default:
                // Another endpoint leaves the end to the watch: the control transfer that made the device leave has an answer yet to come.
                _unplugged |= isControl;
                _left = true;
                return null;
        }
    }

    // A device may leave while no control transfer runs, which only asking tells. Whatever else runs waits for a device that is gone.
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(UnplugPoll, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            lock (_lock)
            {
                if ((_left || !peripheral.IsConnected) && !_queues.Values.Any(x => x.Running is { Command.Endpoint: 0 }))
                {
                    _unplugged = true;
                    return;
                }
            }
        }
    }

    private async ValueTask SendAsync(UrbMessage message, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(message.ToBytes(data.Span), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }
}
