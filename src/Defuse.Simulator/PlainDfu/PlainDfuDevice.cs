using Defuse.Simulator.Roms;
using Defuse.Transports;

namespace Defuse.Simulator.PlainDfu;

/// <summary>A plain DFU device in DFU mode on the bus.</summary>
internal sealed class PlainDfuDevice : PlainPeripheral
{
    private readonly PlainDfuModel _model;
    private readonly PlainDfuInterface _dfu;

    public PlainDfuDevice(PlainDfuModel model, SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings, Action count)
        : base(model, chip, clock, surroundings, count, isRunTime: false)
    {
        _model = model;
        _dfu = new(model, chip, clock);
    }

    protected override UsbControlResponse HandleClass(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        var response = _dfu.Handle(setup, data);
        if (_dfu.HasLeft)
        {
            StartProgram();
        }

        return response;
    }

    protected override void Configured(bool anew)
    {
        // USB/IP carries no bus reset, but a host that reset the bus sets the configuration again.
        if (_dfu.WaitsForReset)
        {
            StartProgram();
        }
        else if (anew)
        {
            _dfu.Reset();
        }
    }

    protected override void Selected(byte alternateSetting) => _dfu.AlternateSetting = alternateSetting;

    private void StartProgram()
    {
        if (_model.RunTimeProductId is null)
        {
            Run(_model.ProgramAddress);
        }
        else
        {
            Reset();
        }
    }
}
