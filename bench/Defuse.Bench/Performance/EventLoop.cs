namespace Defuse.Bench.Performance;

/// <summary>Virtual time that one thread moves from one timer to the next, so that the same work always takes the same time.</summary>
/// <remarks>Whatever awaits a timer goes on inside the loop, before the next one fires.</remarks>
internal sealed class EventLoop
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Event, (TimeSpan Due, long Order)> _events = new();
    private long _order;

    public TimeSpan Now { get; private set; }

    /// <summary>Runs until the work is done.</summary>
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
        Event? due;
        TimeSpan time;
        lock (_gate)
        {
            if (!_events.TryDequeue(out due, out var key))
            {
                // Something has gone to another thread, and comes back.
                Thread.Yield();
                return;
            }

            time = key.Due;
            if (due.Due != time)
            {
                return;
            }

            due.Due = null;
            Now = time;
        }

        due.Fire();
    }

    private bool Schedule(Event timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            timer.Due = dueTime == Timeout.InfiniteTimeSpan ? null : Now + dueTime;
            if (timer.Due is { } due)
            {
                _events.Enqueue(timer, (due, _order++));
            }

            return true;
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
