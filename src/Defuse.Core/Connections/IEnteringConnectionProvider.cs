using Defuse.Entering;
using Defuse.Targets;

namespace Defuse.Connections;

/// <summary>A way to reach boards that can also be taken from their program to DFU mode.</summary>
public interface IEnteringConnectionProvider : IConnectionProvider
{
    /// <summary>When opening may ask a program for DFU mode.</summary>
    ProgramEntry Entry { get; }

    /// <summary>The boards that run a program which is known well enough to be asked for DFU mode without having been named.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="DefuseException">It cannot be looked there.</exception>
    ValueTask<IReadOnlyList<RunningBoardInfo>> ListRunningAsync(CancellationToken cancellationToken);

    /// <summary>Takes a board to DFU mode; one that is there already is left as it is.</summary>
    /// <param name="address">An address of this scheme.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Takes what happens, in order.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="DefuseException">It is not there, or did not get there.</exception>
    ValueTask<DfuReady> EnterDfuAsync(ConnectionAddress address, EntryOptions options, IProgress<EntryEvent>? progress, CancellationToken cancellationToken);

    /// <summary>Where a board is plugged in that this provider has opened; null if it was not this one.</summary>
    /// <param name="target">The board, open.</param>
    BoardPlace? PlaceOf(ITarget target);
}
