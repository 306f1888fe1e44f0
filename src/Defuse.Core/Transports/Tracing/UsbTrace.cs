using System.Collections.Immutable;
using System.Text.Json;

namespace Defuse.Transports.Tracing;

/// <summary>Records every transfer of the devices behind the hosts that it wraps, as lines of JSON; docs/faults.md describes them.</summary>
/// <remarks>
/// Each line is written and flushed as the transfer ends, so that a crash leaves a usable trace. Once a line cannot be
/// written, no more are, and the transfers go on. Serial numbers are replaced; what is written to a device and read
/// from it, firmware for instance, is recorded as it is. Safe to use from several threads.
/// </remarks>
public sealed class UsbTrace : ITraceSink, IDisposable
{
    internal const int Schema = 1;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Stream _stream;
    private readonly string _program;
    private readonly Action<Exception>? _failed;
    private readonly Lock _originGate = new();
    private readonly SerialScrubber _scrubber = new();
    private long? _origin;
    private int _devices = -1;
    private bool _hasBegun;
    private bool _hasFailed;

    /// <param name="stream">Takes the lines; not closed.</param>
    /// <param name="program">What records, with its version, for the first line.</param>
    /// <param name="failed">Told, once at most, that a line could not be written and the trace ends there.</param>
    public UsbTrace(Stream stream, string program, Action<Exception>? failed = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(program);
        _stream = stream;
        _program = program;
        _failed = failed;
    }

    /// <summary>Serial numbers that many devices have: they tell nothing, and are recorded as they are.</summary>
    public ImmutableArray<string> SharedSerialNumbers
    {
        get => _scrubber.Shared;
        init => _scrubber.Shared = value;
    }

    SerialScrubber ITraceSink.Scrubber => _scrubber;

    /// <summary>A host whose devices are traced from when they are opened.</summary>
    /// <param name="host">The host.</param>
    public IUsbHost Wrap(IUsbHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return new TracingUsbHost(host, this, () => Interlocked.Increment(ref _devices));
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    double ITraceSink.At(TimeProvider time)
    {
        lock (_originGate)
        {
            _origin ??= time.GetTimestamp();
            return Math.Round(time.GetElapsedTime(_origin.Value).TotalMilliseconds, 3);
        }
    }

    async ValueTask ITraceSink.WriteAsync(TraceLine line)
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_hasFailed)
            {
                return;
            }

            if (!_hasBegun)
            {
                _hasBegun = true;
                await WriteLineAsync(new TraceLine { Schema = Schema, Type = TraceLine.Trace, Program = _program }).ConfigureAwait(false);
            }

            await WriteLineAsync(line).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException or NotSupportedException)
        {
            _hasFailed = true;
            _failed?.Invoke(e);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask WriteLineAsync(TraceLine line)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, TraceJsonContext.Lines.TraceLine), (byte)'\n'];
        await _stream.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
        await _stream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
