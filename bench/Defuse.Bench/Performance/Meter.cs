using Defuse.Transports;

namespace Defuse.Bench.Performance;

/// <summary>Stands before a board, and measures on the device's side from the first to the last DFU request.</summary>
/// <param name="board">The board.</param>
/// <param name="bus">What its transfers wait for; null where a real bus is in between.</param>
internal sealed class Meter(IUsbSocket board, Bus? bus) : IUsbSocket
{
    private const byte Dnload = 1;
    private const byte Upload = 2;

    private readonly Lock _gate = new();
    private readonly Bus? _bus = bus;
    private long? _first;
    private long _last;
    private long? _answered;
    private TimeSpan _elapsed;
    private TimeSpan _slept;
    private int _transfers;
    private int _blocks;
    private int _uploads;

    public string Location => board.Location;

    public IUsbPeripheral? Peripheral => board.Peripheral is { } peripheral ? new Tap(this, peripheral) : null;

    /// <summary>What was seen so far.</summary>
    public Measurement Measured
    {
        get
        {
            lock (_gate)
            {
                return new(_transfers, _blocks, _uploads, _slept, _elapsed);
            }
        }
    }

    /// <summary>Where every DFU request is written to; null for nowhere.</summary>
    public List<Request>? Requests { get; init; }

    public void Reset()
    {
        lock (_gate)
        {
            (_first, _answered, _elapsed, _slept, _transfers, _blocks, _uploads) = (null, null, TimeSpan.Zero, TimeSpan.Zero, 0, 0, 0);
            Requests?.Clear();
        }
    }

    public async ValueTask<IUsbPeripheral> AttachAsync(CancellationToken cancellationToken) =>
        new Tap(this, await board.AttachAsync(cancellationToken).ConfigureAwait(false));

    private void Begin(UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeProvider time)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _first ??= now;
            _slept += _answered is { } answered ? time.GetElapsedTime(answered, now) : TimeSpan.Zero;
            _transfers++;
            _blocks += setup is { Request: Dnload, Value: >= 2, Length: > 0 } ? 1 : 0;
            _uploads += setup.Request == Upload ? 1 : 0;
            Requests?.Add(Request.From(setup, data));
        }
    }

    // Not counted, and no sleep either.
    private void EndStandard(TimeProvider time)
    {
        lock (_gate)
        {
            _answered = _answered is null ? null : time.GetTimestamp();
        }
    }

    private void End(TimeProvider time)
    {
        lock (_gate)
        {
            _answered = _last = time.GetTimestamp();
            _elapsed = time.GetElapsedTime(_first!.Value, _last);
        }
    }

    private sealed class Tap(Meter meter, IUsbPeripheral peripheral) : IUsbPeripheral
    {
        public UsbSpeed Speed => peripheral.Speed;

        public bool IsConnected => peripheral.IsConnected;

        public TimeProvider Time => peripheral.Time;

        public async ValueTask<UsbControlResponse> ControlAsync(
            UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            if (setup.Kind != UsbRequestKind.Class)
            {
                var answer = await peripheral.ControlAsync(setup, data, cancellationToken).ConfigureAwait(false);
                meter.EndStandard(Time);
                return answer;
            }

            meter.Begin(setup, data, Time);
            if (meter._bus is { } bus)
            {
                await bus.TakeAsync().ConfigureAwait(false);
            }

            var response = await peripheral.ControlAsync(setup, data, cancellationToken).ConfigureAwait(false);
            meter.End(Time);
            return response;
        }
    }
}
