using Defuse.Connections;
using Defuse.Devices;
using Defuse.Programming;

namespace Defuse.Gangs;

/// <summary>Something that happened to a board of a gang.</summary>
/// <remarks>Events of one board come in order, on the flow that works on it; those of several boards come at the same time.</remarks>
/// <param name="Board">The board, as it was found.</param>
public abstract record GangEvent(BoardInfo Board)
{
    /// <summary>Its turn has come: it is being opened.</summary>
    /// <param name="Board">The board.</param>
    public sealed record Began(BoardInfo Board) : GangEvent(Board);

    /// <summary>It is open, and the work begins.</summary>
    /// <param name="Board">The board.</param>
    /// <param name="Target">What it is.</param>
    public sealed record Opened(BoardInfo Board, TargetDescription Target) : GangEvent(Board);

    /// <summary>The work got further.</summary>
    /// <param name="Board">The board.</param>
    /// <param name="Event">How.</param>
    public sealed record Progressed(BoardInfo Board, ProgrammingEvent Event) : GangEvent(Board);

    /// <summary>The work has ended, well or not.</summary>
    /// <param name="Board">The board.</param>
    /// <param name="Record">How.</param>
    public sealed record Ended(BoardInfo Board, BoardRecord Record) : GangEvent(Board);

    /// <summary>It left before it could be opened, and nothing was done.</summary>
    /// <param name="Board">The board.</param>
    public sealed record LeftAgain(BoardInfo Board) : GangEvent(Board);

    /// <summary>It is taken for the board that was worked on last at its place: nothing is done.</summary>
    /// <param name="Board">The board.</param>
    /// <param name="Away">How long it was away.</param>
    public sealed record CameBack(BoardInfo Board, TimeSpan Away) : GangEvent(Board);
}
