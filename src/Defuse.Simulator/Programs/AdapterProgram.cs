namespace Defuse.Simulator.Programs;

/// <summary>A USB-serial adapter: DTR asserted pulls NRST low, and RTS asserted pulls BOOT0 high. The chip's program is silent on its serial line.</summary>
internal sealed class AdapterProgram(IProgramLine line) : SerialProgram(line)
{
    public override void Receive(byte value)
    {
    }

    public override void LinesChanged(LineCoding coding) => Line.SetPins(Line.DataTerminalReady, Line.RequestToSend);
}
