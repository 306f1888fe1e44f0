namespace Defuse.Platform.Timing;

/// <summary>Timers by when they are due; those that are due at the same time in the order they were added.</summary>
/// <remarks>Knows no clock and no thread, and is safe on one at a time only.</remarks>
internal sealed class TimerQueue
{
    private readonly SortedSet<(long Due, long Order, PreciseTimer Timer)> _pending =
        new(Comparer<(long Due, long Order, PreciseTimer Timer)>.Create(static (x, y) => x.Due != y.Due ? x.Due.CompareTo(y.Due) : x.Order.CompareTo(y.Order)));

    private long _order;

    /// <summary>When the first one is due; null if there is none.</summary>
    public long? NextDue => _pending.Count == 0 ? null : _pending.Min.Due;

    /// <summary>Adds a timer that is not in the queue.</summary>
    /// <returns>What <see cref="Remove"/> takes.</returns>
    public (long Due, long Order) Add(PreciseTimer timer, long due)
    {
        var place = (due, _order++);
        _pending.Add((place.due, place.Item2, timer));
        return place;
    }

    /// <summary>Takes a timer out; nothing happens if it is there no more.</summary>
    public void Remove(PreciseTimer timer, (long Due, long Order) place) => _pending.Remove((place.Due, place.Order, timer));

    /// <summary>Takes the first timer out if it is due.</summary>
    public PreciseTimer? TakeDue(long now)
    {
        if (_pending.Count == 0 || _pending.Min.Due > now)
        {
            return null;
        }

        var first = _pending.Min;
        _pending.Remove(first);
        return first.Timer;
    }
}
