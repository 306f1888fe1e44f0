using System.Net.Sockets;
using Defuse.Transports;
using Defuse.UsbIp.Wire;

namespace Defuse.UsbIp;

/// <summary>The client's side of a connection's second phase: matches replies to transfers by seqnum.</summary>
/// <remarks>Safe to use from several threads.</remarks>
internal sealed class UrbConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly uint _devId;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _reading;

    // Transfers stay here until the server has had its last word on them, also when nobody waits any more: only this
    // table tells how many bytes follow a late reply.
    private readonly Dictionary<uint, PendingUrb> _pending = [];
    private readonly Dictionary<uint, PendingUrb> _unlinking = [];
    private uint _lastSeqNum;
    private TransportException? _failure;

    public UrbConnection(Stream stream, uint devId)
    {
        _stream = stream;
        _devId = devId;
        _reading = ReadAsync();
    }

    /// <summary>Why the connection ended; null while it lives.</summary>
    public TransportException? Failure
    {
        get
        {
            lock (_lock)
            {
                return _failure;
            }
        }
    }

    public PendingUrb Begin(bool isIn, int length)
    {
        lock (_lock)
        {
            var urb = new PendingUrb(NextSeqNum(), isIn, length);
            if (_failure is null)
            {
                _pending.Add(urb.SeqNum, urb);
            }
            else
            {
                urb.End(new UrbOutcome(UrbOutcomeKind.ConnectionLost));
            }

            return urb;
        }
    }

    /// <summary>Sends a transfer's CMD_SUBMIT on endpoint 0 and waits for its end.</summary>
    public async Task<UrbOutcome> SubmitAsync(PendingUrb urb, UsbSetupPacket setup, ReadOnlyMemory<byte> data)
    {
        await SendAsync(new CmdSubmit(urb.SeqNum, _devId, urb.IsIn, 0, urb.Length, setup).ToBytes(data.Span)).ConfigureAwait(false);
        return await urb.Outcome.ConfigureAwait(false);
    }

    /// <summary>Sends a transfer's CMD_UNLINK and waits for its end, one way or the other.</summary>
    public async Task<UrbOutcome> UnlinkAsync(PendingUrb urb)
    {
        uint seqNum;
        lock (_lock)
        {
            seqNum = NextSeqNum();
            _unlinking.Add(seqNum, urb);
        }

        await SendAsync(new CmdUnlink(seqNum, _devId, urb.SeqNum).ToBytes()).ConfigureAwait(false);
        return await urb.Outcome.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        End(new TransportException(TransportFailure.Disconnected, "the device was closed"));
        await _reading.ConfigureAwait(false);
        _closing.Dispose();
        _sending.Dispose();
    }

    private static bool IsConnectionTrouble(Exception e) =>
        e is IOException or SocketException or ObjectDisposedException or OperationCanceledException;

    private static TransportException Lost(Exception cause) => new(
        TransportFailure.Disconnected,
        "the USB/IP server closed the connection: the device was unplugged there, left the bus, or the server stopped",
        "check that the server runs and has the device, then run the same command again",
        innerException: cause);

    // 0 is skipped: some servers take it for "none".
    private uint NextSeqNum() => _lastSeqNum = _lastSeqNum == uint.MaxValue ? 1 : _lastSeqNum + 1;

    private async Task SendAsync(byte[] message)
    {
        try
        {
            // Never cut off by a caller's token: half a message would be the end of the connection.
            await _sending.WaitAsync(_closing.Token).ConfigureAwait(false);
            try
            {
                await _stream.WriteAsync(message, _closing.Token).ConfigureAwait(false);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception e) when (IsConnectionTrouble(e))
        {
            End(Lost(e));
        }
    }

    private async Task ReadAsync()
    {
        var header = new byte[UrbMessage.Size];
        try
        {
            while (true)
            {
                await _stream.ReadExactlyAsync(header, _closing.Token).ConfigureAwait(false);
                switch (UrbMessage.Read(header))
                {
                    case RetSubmit reply:
                        await FinishAsync(reply).ConfigureAwait(false);
                        break;
                    case RetUnlink reply:
                        Finish(reply);
                        break;
                    default:
                        throw new TransportException(TransportFailure.Protocol, "the USB/IP server sent a client's command");
                }
            }
        }
        catch (TransportException e)
        {
            End(e);
        }
        catch (Exception e) when (IsConnectionTrouble(e))
        {
            End(Lost(e));
        }
    }

    private async ValueTask FinishAsync(RetSubmit reply)
    {
        PendingUrb? urb;
        lock (_lock)
        {
            _pending.TryGetValue(reply.SeqNum, out urb);
        }

        if (urb is null)
        {
            throw new TransportException(TransportFailure.Protocol, $"the USB/IP server answered transfer {reply.SeqNum}, which is none that waits");
        }

        if (reply.ActualLength > urb.Length)
        {
            throw new TransportException(
                TransportFailure.Protocol, $"the USB/IP server returned {reply.ActualLength} bytes where {urb.Length} were asked for");
        }

        byte[] data = [];
        if (urb.IsIn && reply.ActualLength > 0)
        {
            data = new byte[reply.ActualLength];
            await _stream.ReadExactlyAsync(data, _closing.Token).ConfigureAwait(false);
        }

        lock (_lock)
        {
            _pending.Remove(reply.SeqNum);
        }

        urb.End(new UrbOutcome(UrbOutcomeKind.Answered, reply.Status, reply.ActualLength, data));
    }

    private void Finish(RetUnlink reply)
    {
        PendingUrb? urb;
        lock (_lock)
        {
            if (!_unlinking.Remove(reply.SeqNum, out urb))
            {
                throw new TransportException(TransportFailure.Protocol, $"the USB/IP server answered unlink {reply.SeqNum}, which is none that waits");
            }

            if (reply.Status is -Errno.Econnreset or -Errno.Enoent)
            {
                _pending.Remove(urb.SeqNum);
            }
        }

        switch (reply.Status)
        {
            case -Errno.Econnreset or -Errno.Enoent:
                urb.End(new UrbOutcome(UrbOutcomeKind.Unlinked));
                break;

            // It had completed: RET_SUBMIT came before this, or is overtaken by it (Linux's server sends the two from
            // separate lists).
            case 0:
                break;

            // Linux's server, when the transfer failed while it was being taken back: no RET_SUBMIT follows.
            default:
                urb.End(new UrbOutcome(UrbOutcomeKind.Answered, reply.Status));
                break;
        }
    }

    private void End(TransportException failure)
    {
        PendingUrb[] pending;
        lock (_lock)
        {
            if (_failure is not null)
            {
                return;
            }

            _failure = failure;
            pending = [.. _pending.Values];
            _pending.Clear();
            _unlinking.Clear();
        }

        _closing.Cancel();
        _stream.Dispose();
        foreach (var urb in pending)
        {
            urb.End(new UrbOutcome(UrbOutcomeKind.ConnectionLost));
        }
    }
}
