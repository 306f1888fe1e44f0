namespace Defuse.Connections;

/// <summary>What happened to a board.</summary>
public enum BoardChangeKind
{
    /// <summary>It was there already, or it is there now.</summary>
    Arrived,

    /// <summary>It is not there any more.</summary>
    Left,

    /// <summary>It is the same board, and something else is known of it: that it can be opened now, for instance.</summary>
    Changed,
}
