using Defuse.Transports;

namespace Defuse.Simulator.Roms;

/// <summary>A bootloader on the bus, from one reset to the next.</summary>
internal sealed class RomBootloader : IBoardPeripheral
{
    // Longer than any host waits for an answer to one request.
    private static readonly TimeSpan LongerThanHostsWait = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly VirtualClock _clock;
    private readonly RomDescriptors _descriptors;
    private readonly QuickRequests? _quick;
    private readonly StandardRequests _standard;
    private readonly DfuInterface _dfu;
    private readonly Action _count;
    private volatile bool _isConnected = true;

    /// <param name="model">The bootloader.</param>
    /// <param name="chip">What it programs.</param>
    /// <param name="clock">The board's time.</param>
    /// <param name="surroundings">Told when it leaves.</param>
    /// <param name="count">Called for every transfer that reaches it.</param>
    public RomBootloader(RomModel model, SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings, Action count)
    {
        _clock = clock;
        _count = count;
        _descriptors = new(model, chip);
        _standard = new(_descriptors, model.FunctionalDescriptor);
        _dfu = new(model, chip, clock, surroundings, _descriptors.RefusalString);
        _quick = model.FailsWithin is { } time ? new(time) : null;
    }

    public UsbSpeed Speed => UsbSpeed.Full;

    public bool IsConnected => _isConnected;

    public TimeProvider Time => _clock;

    public async ValueTask<UsbControlResponse> ControlAsync(
        UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_standard.IsIgnored(setup))
        {
            await _clock.WaitUntilAsync(_clock.Elapsed + LongerThanHostsWait, cancellationToken).ConfigureAwait(false);
            return UsbControlResponse.Disconnected;
        }

        while (BlockedUntil(setup) is var until && _isConnected && _clock.Elapsed < until)
        {
            await _clock.WaitUntilAsync(until, cancellationToken).ConfigureAwait(false);
        }

        UsbControlResponse response;
        lock (_gate)
        {
            if (!_isConnected)
            {
                return UsbControlResponse.Disconnected;
            }

            _count();
            response = _quick?.Spoil(setup, _clock.Elapsed) ?? Handle(setup, data.Span);
        }

        await _clock.ChargeAsync(UsbFullSpeed.DurationOf(setup.IsIn ? response.Data.Length : data.Length), cancellationToken)
            .ConfigureAwait(false);
        _quick?.Answered(_clock.Elapsed);
        return response;
    }

    public void Disconnect() => _isConnected = false;

    private TimeSpan BlockedUntil(UsbSetupPacket setup)
    {
        lock (_gate)
        {
            return _dfu.BlockedUntil(setup);
        }
    }

    private UsbControlResponse Handle(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        if (data.Length != (setup.IsIn ? 0 : setup.Length))
        {
            return UsbControlResponse.Stall;
        }

        switch (setup.Kind)
        {
            case UsbRequestKind.Standard:
                var answer = _standard.Handle(setup, out var configured);
                if (configured)
                {
                    _dfu.Reset();
                }

                return answer;
            case UsbRequestKind.Class when _standard.IsConfigured && setup.Index == 0:
                var response = _dfu.Handle(setup, data);
                if (_dfu.HasLeft)
                {
                    _isConnected = false;
                }

                return response;
            case UsbRequestKind.Vendor when setup is { RequestType: 0xC0, Request: RomDescriptors.MicrosoftRequest, Index: 4 }
                && _descriptors.CompatibleId is { } id:
                return new(UsbControlStatus.Ack, id.AsMemory(0, Math.Min(id.Length, setup.Length)));
            default:
                return UsbControlResponse.Stall;
        }
    }
}
