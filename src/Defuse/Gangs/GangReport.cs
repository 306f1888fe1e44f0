using System.Collections.Immutable;

namespace Defuse.Gangs;

/// <summary>What became of all boards.</summary>
public sealed record GangReport
{
    /// <summary>A record for each board, in the order in which their work ended; for one that was plugged in again, one each time.</summary>
    public ImmutableArray<BoardRecord> Records { get; init; } = [];

    /// <summary>How long it took, on the wall's clock.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>
    /// Whether it was ended before all was done that was asked for. A watch without a count was meant to be ended: it is cut short
    /// only where a board was at work, or none came.
    /// </summary>
    public bool IsCutShort { get; init; }

    /// <summary>
    /// What failed besides boards; null if nothing did. Either watching did, so that no more boards were seen, or whoever took the
    /// events threw this, which ends a watch. The boards that were at work were finished, and have their records.
    /// </summary>
    public Exception? Error { get; init; }
}
