using Defuse.Simulator.Roms;
using Defuse.Transports;

namespace Defuse.Simulator.PlainDfu;

/// <summary>A device's program, with a run-time interface that has it detach into DFU mode (USB DFU 1.1, section 5.1).</summary>
internal sealed class RunTimeProgram(PlainDfuModel model, SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings, Action count)
    : PlainPeripheral(model, chip, clock, surroundings, count, isRunTime: true)
{
    protected override UsbControlResponse HandleClass(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        switch ((setup.RequestType, setup.Request))
        {
            case (DfuRequest.Out, DfuRequest.Detach):
                Reenumerate(new PlainDfuDevice(Model, Chip, Clock, Surroundings, Count));
                return UsbControlResponse.Ack;
            case (DfuRequest.In, DfuRequest.GetStatus):
                return new(UsbControlStatus.Ack, new byte[] { 0, 0, 0, 0, (byte)DfuState.AppIdle, 0 });
            case (DfuRequest.In, DfuRequest.GetState):
                return new(UsbControlStatus.Ack, new[] { (byte)DfuState.AppIdle });
            default:
                return UsbControlResponse.Stall;
        }
    }
}
