using Defuse.Transports;

namespace Defuse.Simulator.Roms;

/// <summary>A chip's ROM bootloader on the bus, from one reset to the next.</summary>
internal sealed class RomBootloader : IBoardPeripheral
{
    private readonly Lock _gate = new();
    private readonly VirtualClock _clock;
    private readonly StandardRequests _standard;
    private readonly DfuInterface _dfu;
    private readonly Action _count;
    private volatile bool _isConnected = true;

    /// <param name="model">The ROM.</param>
    /// <param name="chip">What it programs.</param>
    /// <param name="clock">The board's time.</param>
    /// <param name="surroundings">Told when it leaves.</param>
    /// <param name="count">Called for every transfer that reaches it.</param>
    public RomBootloader(RomModel model, SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings, Action count)
    {
        _clock = clock;
        _count = count;
        _standard = new(new RomDescriptors(model, chip), model.AnswersFunctionalDescriptor);
        _dfu = new(model, chip, clock, surroundings);
    }

    public UsbSpeed Speed => UsbSpeed.Full;

    public bool IsConnected => _isConnected;

    public TimeProvider Time => _clock;

    public async ValueTask<UsbControlResponse> ControlAsync(
        UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (BlockedUntil() is var until && _isConnected && _clock.Elapsed < until)
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
            response = Handle(setup, data.Span);
        }

        await _clock.ChargeAsync(UsbFullSpeed.DurationOf(setup.IsIn ? response.Data.Length : data.Length), cancellationToken)
            .ConfigureAwait(false);
        return response;
    }

    public void Disconnect() => _isConnected = false;

    private TimeSpan BlockedUntil()
    {
        lock (_gate)
        {
            return _dfu.EndpointBlockedUntil;
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
            default:
                return UsbControlResponse.Stall;
        }
    }
}
