using Defuse.Entering;

namespace Defuse.Connections;

/// <summary>A board that runs its program, and the address that it is opened by.</summary>
/// <param name="Address">The address.</param>
/// <param name="Board">The board.</param>
public sealed record RunningBoardInfo(ConnectionAddress Address, RunningBoard Board);
