namespace Defuse.Gangs;

/// <summary>When a board counts as plugged in.</summary>
public sealed record GangOptions
{
    /// <summary>The default of <see cref="Away"/>: 2 s.</summary>
    public static readonly TimeSpan DefaultAway = TimeSpan.FromSeconds(2);

    /// <summary>The default of <see cref="Settle"/>: 2 s.</summary>
    public static readonly TimeSpan DefaultSettle = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a place has to be empty for what shows up there next to count as another board, if its serial number does not say
    /// so. Not negative. A ROM bootloader that comes back by itself takes less; a hand that changes boards takes longer.
    /// </summary>
    public TimeSpan Away
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            field = value;
        }
    } = DefaultAway;

    /// <summary>
    /// How long a board that was just plugged in may take until it can be opened: an operating system finds drivers and sets
    /// permissions meanwhile. Not negative.
    /// </summary>
    public TimeSpan Settle
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            field = value;
        }
    } = DefaultSettle;

    /// <summary>After how many boards to end; null for never. At least 1. Boards that failed count too.</summary>
    public int? Count
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value ?? 1, 1, nameof(value));
            field = value;
        }
    }

    /// <summary>Ends the watch when it is cancelled, like a count that was reached: no more boards are begun, those at work are finished.</summary>
    public CancellationToken NoMore { get; init; }
}
