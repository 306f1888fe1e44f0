using Defuse.Connections;

namespace Defuse.Gangs;

/// <summary>A board at a place, from when it came to when it left.</summary>
internal sealed class Presence(BoardInfo board, long arrived, long? emptySince)
{
    private volatile BoardInfo _board = board;
    private volatile bool _hasEnded;

    /// <summary>What is known of it now.</summary>
    public BoardInfo Board
    {
        get => _board;
        set => _board = value;
    }

    /// <summary>When it came.</summary>
    public long Arrived => arrived;

    /// <summary>Since when nothing had been there; null if nothing had ever been seen there.</summary>
    public long? EmptySince => emptySince;

    /// <summary>Whether it was worked on, or passed over.</summary>
    public bool IsSeenTo { get; set; }

    /// <summary>Whether it has left.</summary>
    public bool HasEnded => _hasEnded;

    public void End() => _hasEnded = true;
}
