namespace Defuse.Simulator.Clocks;

/// <summary>A timer of a <see cref="SteppedClock"/>, which guards its fields.</summary>
internal sealed class SteppedTimer(SteppedClock clock, TimerCallback callback, object? state) : ITimer
{
    public static readonly IComparer<SteppedTimer> FiringOrder = Comparer<SteppedTimer>.Create((x, y) =>
    {
        var byTime = x.Due.CompareTo(y.Due);
        return byTime != 0 ? byTime : x.Sequence.CompareTo(y.Sequence);
    });

    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    /// <summary>Whether it ends a wait for something else: a <see cref="CancellationTokenSource"/> has given itself as its timer's state.</summary>
    public bool IsTimeLimit => state is CancellationTokenSource;

    public TimeSpan Due { get; set; }

    public TimeSpan? Period { get; set; }

    // Until it is first scheduled, a number that no scheduled timer has.
    public long Sequence { get; set; } = -1;

    public bool IsDisposed { get; set; }

    public ITimer? RealTimer { get; set; }

    public void Fire()
    {
        if (_context is null)
        {
            callback(state);
        }
        else
        {
            ExecutionContext.Run(_context, _ => callback(state), null);
        }
    }

    public bool Change(TimeSpan dueTime, TimeSpan period) => clock.Schedule(this, dueTime, period);

    public void Dispose() => clock.Cancel(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
