using Defuse.Simulator.Roms;
using Defuse.Transports;

namespace Defuse.Simulator.PlainDfu;

/// <summary>What a plain DFU device has on the bus, whichever mode it is in.</summary>
internal abstract class PlainPeripheral : IBoardPeripheral
{
    private readonly Lock _gate = new();
    private readonly StandardRequests _standard;
    private volatile bool _isConnected = true;

    protected PlainPeripheral(PlainDfuModel model, SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings, Action count, bool isRunTime)
    {
        Model = model;
        Chip = chip;
        Clock = clock;
        Surroundings = surroundings;
        Count = count;
        _standard = new(new PlainDfuDescriptors(model, isRunTime), FunctionalDescriptorAnswer.Answers);
    }

    public UsbSpeed Speed => UsbSpeed.Full;

    public bool IsConnected => _isConnected;

    public TimeProvider Time => Clock;

    protected PlainDfuModel Model { get; }

    protected SimulatedChip Chip { get; }

    protected VirtualClock Clock { get; }

    protected IRomSurroundings Surroundings { get; }

    protected Action Count { get; }

    public async ValueTask<UsbControlResponse> ControlAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        UsbControlResponse response;
        lock (_gate)
        {
            if (!_isConnected)
            {
                return UsbControlResponse.Disconnected;
            }

            Count();
            response = Handle(setup, data.Span);
        }

        await Clock.ChargeAsync(UsbFullSpeed.DurationOf(setup.IsIn ? response.Data.Length : data.Length), cancellationToken).ConfigureAwait(false);
        return response;
    }

    public void Disconnect() => _isConnected = false;

    protected abstract UsbControlResponse HandleClass(UsbSetupPacket setup, ReadOnlySpan<byte> data);

    /// <summary>The host has set the configuration.</summary>
    /// <param name="anew">Whether it was another before.</param>
    protected virtual void Configured(bool anew)
    {
    }

    /// <summary>The host has selected an alternate setting.</summary>
    protected virtual void Selected(byte alternateSetting)
    {
    }

    /// <summary>Leaves the bus for a program without USB.</summary>
    protected void Run(uint address)
    {
        _isConnected = false;
        Surroundings.Run(address);
    }

    /// <summary>Leaves the bus, and comes back on it as a board does that is plugged in.</summary>
    protected void Reset()
    {
        _isConnected = false;
        Surroundings.Reset(Clock.Elapsed);
    }

    /// <summary>Leaves the bus, and comes back on it as something else.</summary>
    protected void Reenumerate(IBoardPeripheral next)
    {
        _isConnected = false;
        Surroundings.Reenumerate(next);
    }

    private UsbControlResponse Handle(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        if (data.Length != (setup.IsIn ? 0 : setup.Length))
        {
            return UsbControlResponse.Stall;
        }

        if (setup.Kind == UsbRequestKind.Class)
        {
            return _standard.IsConfigured && setup.Index == 0 ? HandleClass(setup, data) : UsbControlResponse.Stall;
        }

        if (setup.Kind != UsbRequestKind.Standard)
        {
            return UsbControlResponse.Stall;
        }

        var answer = _standard.Handle(setup, out var configured);
        if (answer.Status == UsbControlStatus.Ack && setup is { RequestType: 0x00, Request: UsbStandardRequest.SetConfiguration, Value: not 0 })
        {
            Configured(configured);
        }
        else if (answer.Status == UsbControlStatus.Ack && setup is { RequestType: 0x01, Request: UsbStandardRequest.SetInterface })
        {
            Selected((byte)setup.Value);
        }

        return answer;
    }
}
