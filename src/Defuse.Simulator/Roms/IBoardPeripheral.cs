using Defuse.Transports;

namespace Defuse.Simulator.Roms;

/// <summary>What a board has on the bus, from one reset to the next.</summary>
internal interface IBoardPeripheral : IUsbPeripheral
{
    /// <summary>The plug is pulled: nothing is answered any more.</summary>
    void Disconnect();
}
