namespace Defuse.Bench.Performance;

/// <summary>Virtual time that one thread moves from one timer to the next, so that the same work always takes the same time.</summary>
/// <remarks>
/// Whatever awaits a timer goes on inside the loop, before the next one fires. What goes on on another thread may come before or
/// after the next timer, as it happens: so it throws when it looks at the time or wants a timer.
/// </remarks>
internal sealed class EventLoop
{
    private static readonly TimeSpan End = TimeSpan.FromHours(1);

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly PriorityQueue<Event, (TimeSpan Due, long Order)> _events = new();
    private long _order;
    private TimeSpan _now;

    public TimeSpan Now
    {
        get
        {
            ThrowIfElsewhere();
            return _now;
        }
    }

    /// <summary>Runs until the work is done.</summary>
    /// <exception cref="InvalidOperationException">The work left this thread, waits for nothing that comes, or does not end.</exception>
    public static T Run<T>(Func<EventLoop, Task<T>> work)
    {
        var loop = new EventLoop();
        var task = work(loop);
        while (!task.IsCompleted)
        {
            loop.Step();
        }

        return task.GetAwaiter().GetResult();
    }

    public ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period > TimeSpan.Zero)
        {
            throw new NotSupportedException("Nothing that is measured has a periodic timer.");
        }

        var timer = new Event(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public async ValueTask UntilAsync(TimeSpan time)
    {
        if (time > Now)
        {
            var done = new TaskCompletionSource();
            await using var timer = CreateTimer(_ => done.SetResult(), null, time - Now, Timeout.InfiniteTimeSpan);
            await done.Task.ConfigureAwait(false);
        }
    }

    private void Step()
    {
        if (!_events.TryDequeue(out var due, out var key))
        {
            throw new InvalidOperationException("The work is not done and waits for no timer: it went to another thread, or stands still.");
        }

        if (key.Due > End)
        {
            throw new InvalidOperationException($"The work is not done after {End}.");
        }

        if (due.Due == key.Due)
        {
            due.Due = null;
            _now = key.Due;
            due.Fire();
        }
    }

    private bool Schedule(Event timer, TimeSpan dueTime)
    {
        ThrowIfElsewhere();
        timer.Due = dueTime == Timeout.InfiniteTimeSpan ? null : _now + dueTime;
        if (timer.Due is { } due)
        {
            _events.Enqueue(timer, (due, _order++));
        }

        return true;
    }

    private void ThrowIfElsewhere()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException("The work went on on another thread, where its place in time is a matter of luck.");
        }
    }

    private sealed class Event(EventLoop loop, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan? Due { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => loop.Schedule(this, dueTime);

        public void Dispose() => loop.Schedule(this, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
