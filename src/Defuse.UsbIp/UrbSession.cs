using Defuse.Transports;
using Defuse.UsbIp.Wire;
using Microsoft.Extensions.Logging;

namespace Defuse.UsbIp;

/// <summary>The server's side of a connection's second phase: hands one client's transfers to one peripheral.</summary>
/// <remarks>
/// Transfers run one at a time, in the order they came; the next commands are read meanwhile. CMD_UNLINK, after the
/// Linux server's ways: a transfer that waits is removed and answered -ECONNRESET, with no RET_SUBMIT. The one that runs
/// is given up by cancelling it; if the device answers in spite of that, the answer is sent, and then RET_UNLINK with 0,
/// as if it had come too late. Anything else has been answered already: 0.
/// </remarks>
internal sealed class UrbSession(Stream stream, IUsbPeripheral peripheral, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>How many transfers may wait; Linux submits a few.</summary>
    public const int MaxWaiting = 256;

    private static readonly TimeSpan UnplugPoll = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly SemaphoreSlim _submitted = new(0);
    private readonly List<ServedUrb> _waiting = [];
    private ServedUrb? _running;
    private volatile bool _unplugged;

    /// <summary>Serves until the client goes (false), or the peripheral does (true).</summary>
    /// <exception cref="TransportException">The client sent what is no USB/IP.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(ending.Token);
        var working = WorkAsync(ending.Token);
        var watching = WatchAsync(ending.Token);
        try
        {
            var first = await Task.WhenAny(reading, working, watching).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            ServedUrb? running;
            lock (_lock)
            {
                running = _running;
            }

            if (running is not null)
            {
                await running.GivenUp.CancelAsync().ConfigureAwait(false);
            }

            await Task.WhenAll(reading, working, watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return _unplugged;
    }

    public void Dispose()
    {
        _sending.Dispose();
        _submitted.Dispose();
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
        if (command.Endpoint != 0)
        {
            await SkipAsync(command.DataLength, cancellationToken).ConfigureAwait(false);
            await SendAsync(new RetSubmit(command.SeqNum, -Errno.Epipe, 0), default, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (command.TransferBufferLength > ushort.MaxValue)
        {
            throw new TransportException(
                TransportFailure.Protocol, $"a control transfer has {command.TransferBufferLength} bytes where wLength ends at {ushort.MaxValue}");
        }

        var data = new byte[command.DataLength];
        await stream.ReadExactlyAsync(data, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            if (_waiting.Count == MaxWaiting)
            {
                throw new TransportException(TransportFailure.Protocol, $"a USB/IP client submitted more than {MaxWaiting} transfers at once");
            }

            _waiting.Add(new ServedUrb(command, data));
        }

        _submitted.Release();
    }

    private async ValueTask UnlinkAsync(CmdUnlink command, CancellationToken cancellationToken)
    {
        ServedUrb? running = null;
        var status = 0;
        lock (_lock)
        {
            if (_waiting.RemoveAll(x => x.Command.SeqNum == command.UnlinkSeqNum) > 0)
            {
                status = -Errno.Econnreset;
            }
            else if (_running is { UnlinkedBy: null } && _running.Command.SeqNum == command.UnlinkSeqNum)
            {
                running = _running;
                running.UnlinkedBy = command.SeqNum;
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

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!_unplugged)
        {
            await _submitted.WaitAsync(cancellationToken).ConfigureAwait(false);
            ServedUrb urb;
            lock (_lock)
            {
                // In the lock: at the end of the session either this transfer is seen there, and given up, or the end here.
                cancellationToken.ThrowIfCancellationRequested();
                if (_waiting.Count == 0)
                {
                    continue;
                }

                urb = _running = _waiting[0];
                _waiting.RemoveAt(0);
            }

            await AnswerAsync(urb, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask AnswerAsync(ServedUrb urb, CancellationToken cancellationToken)
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
                _running = null;
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

        _unplugged |= !peripheral.IsConnected;
    }

    /// <summary>The device's answer; null if there is none, since it left or the transfer was given up.</summary>
    private async ValueTask<(RetSubmit Header, ReadOnlyMemory<byte> Data)?> ExecuteAsync(ServedUrb urb)
    {
        var (command, setup) = (urb.Command, urb.Command.Setup);

        // Without a data stage the direction means nothing, and Linux then says OUT.
        if ((command.IsIn != setup.IsIn && setup.Length != 0) || (!command.IsIn && command.DataLength != setup.Length))
        {
            return (new RetSubmit(command.SeqNum, -Errno.Einval, 0), default);
        }

        UsbControlResponse response;
        try
        {
            response = await peripheral.ControlAsync(setup, urb.Data, urb.GivenUp.Token).ConfigureAwait(false);
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
            case UsbControlStatus.Ack when command.IsIn && response.Data.Length > Math.Min(command.TransferBufferLength, setup.Length):
                return (new RetSubmit(command.SeqNum, -Errno.Eoverflow, 0), default);
            case UsbControlStatus.Ack when command.IsIn:
                return (new RetSubmit(command.SeqNum, 0, response.Data.Length), response.Data);
            case UsbControlStatus.Ack:
                return (new RetSubmit(command.SeqNum, 0, command.DataLength), default);
            case UsbControlStatus.Stall:
                return (new RetSubmit(command.SeqNum, -Errno.Epipe, 0), default);
            default:
                _unplugged = true;
                return null;
        }
    }

    // A device may leave while no transfer runs, which only asking tells.
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(UnplugPoll, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            lock (_lock)
            {
                if (_running is null && !peripheral.IsConnected)
                {
                    _unplugged = true;
                    return;
                }
            }
        }
    }

    private async ValueTask SkipAsync(int count, CancellationToken cancellationToken)
    {
        var scrap = new byte[Math.Min(count, 4096)];
        while (count > 0)
        {
            var part = scrap.AsMemory(0, Math.Min(count, scrap.Length));
            await stream.ReadExactlyAsync(part, cancellationToken).ConfigureAwait(false);
            count -= part.Length;
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
