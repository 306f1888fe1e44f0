using System.Text;
using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Talks with a program through a serial port: every wait is bounded, and so is what is kept.</summary>
internal sealed class SerialConversation(ISerialPort port)
{
    // More than any answer that is waited for, so that a program that prints without end costs no memory.
    private const int MostKept = 16 * 1024;

    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(2);

    private readonly byte[] _buffer = new byte[1024];
    private readonly List<byte> _kept = [];

    public TimeProvider Time => port.Time;

    /// <summary>Whether anything at all has arrived.</summary>
    public bool HasHeard { get; private set; }

    /// <summary>What has arrived since <see cref="Forget"/>, the last of it where it is long; bytes as characters.</summary>
    public string Heard => Encoding.Latin1.GetString([.. _kept]);

    public void Forget() => _kept.Clear();

    /// <summary>Sends bytes.</summary>
    /// <exception cref="TransportException">They are not taken in time (a program that does not read its port), or the port is gone.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            var writing = port.WriteAsync(data, either.Token);
            if (!writing.IsCompleted)
            {
                timer.CancelAfter(SendTimeout);
            }

            await writing.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TransportException(TransportFailure.Timeout, "it takes no bytes from its serial port");
        }
    }

    public ValueTask SendAsync(string text, CancellationToken cancellationToken) => SendAsync(Encoding.Latin1.GetBytes(text), cancellationToken);

    /// <summary>Takes what arrives next.</summary>
    /// <returns>It; empty when the time is over.</returns>
    /// <exception cref="TransportException">The port is gone.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        var left = deadline.Left;
        if (left == TimeSpan.Zero)
        {
            return default;
        }

        using var timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            // What is there is taken before a clock that jumps says that the time is over.
            var reading = port.ReadAsync(_buffer, either.Token);
            if (!reading.IsCompleted)
            {
                timer.CancelAfter(left);
            }

            var count = await reading.ConfigureAwait(false);
            Keep(_buffer.AsSpan(0, count));
            return _buffer.AsMemory(0, count);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return default;
        }
    }

    /// <summary>Waits until what arrived since <see cref="Forget"/> contains a text.</summary>
    /// <returns>Whether it came in time.</returns>
    /// <exception cref="TransportException">The port is gone.</exception>
    public ValueTask<bool> HearAsync(string text, TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitAsync(text, StringComparison.Ordinal, timeout, cancellationToken);

    /// <summary>As <see cref="HearAsync"/>, in capital letters or small ones.</summary>
    /// <exception cref="TransportException">The port is gone.</exception>
    public ValueTask<bool> HearInAnyCaseAsync(string text, TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitAsync(text, StringComparison.OrdinalIgnoreCase, timeout, cancellationToken);

    /// <summary>Listens for a while, and to the end of it.</summary>
    /// <exception cref="TransportException">The port is gone.</exception>
    public async ValueTask ListenAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var deadline = new Deadline(Time, time);
        while (!(await ReceiveAsync(deadline, cancellationToken).ConfigureAwait(false)).IsEmpty)
        {
            // All of it is kept.
        }
    }

    private async ValueTask<bool> WaitAsync(string text, StringComparison comparison, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var deadline = new Deadline(Time, timeout);
        while (!Heard.Contains(text, comparison))
        {
            if ((await ReceiveAsync(deadline, cancellationToken).ConfigureAwait(false)).IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        HasHeard |= !bytes.IsEmpty;
        _kept.AddRange(bytes);
        if (_kept.Count > MostKept)
        {
            _kept.RemoveRange(0, _kept.Count - MostKept);
        }
    }
}
