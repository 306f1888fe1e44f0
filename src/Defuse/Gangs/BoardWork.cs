using Defuse.Connections;
using Defuse.Programming;
using Defuse.Targets;

namespace Defuse.Gangs;

/// <summary>What is done to each board of a gang.</summary>
/// <param name="board">The board, as it was found.</param>
/// <param name="target">The same, open; it is closed afterwards.</param>
/// <param name="progress">Takes the events of the work.</param>
/// <param name="cancellationToken">Stops it after the block or the sector in flight.</param>
/// <returns>The report, also of what failed; an exception is for what was refused before it began.</returns>
public delegate ValueTask<FlashReport> BoardWork(
    BoardInfo board, ITarget target, IProgress<ProgrammingEvent> progress, CancellationToken cancellationToken);
