using Defuse.Simulator.Roms;

namespace Defuse.Simulator.Faults;

/// <summary>What becomes of the board when a fault takes it off the bus.</summary>
internal interface IFaultSurroundings : IRomSurroundings
{
    /// <summary>The plug is pulled.</summary>
    void Unplug();
}
