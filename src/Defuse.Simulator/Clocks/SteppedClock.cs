namespace Defuse.Simulator.Clocks;

/// <summary>A clock that waits and transfers move.</summary>
internal sealed class SteppedClock(double scale, TimeProvider real) : VirtualClock(scale, real), IThreadPoolWorkItem
{
    private const int TurnsOfOthers = 10;

    private static readonly TimeSpan TurnOfOthers = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();

    // In the order in which they fire. Guarded by _gate, as is all below.
    private readonly SortedSet<SteppedTimer> _timers = new(SteppedTimer.FiringOrder);
    private TimeSpan _now;
    private long _sequence;
    private bool _pumping;
    private int _holds;
    private int _turns;

    public override TimeSpan Elapsed
    {
        get
        {
            lock (_gate)
            {
                return _now;
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new SteppedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Fires what is due, one timer a turn.</summary>
    /// <remarks>
    /// Each timer is a work item of its own, queued behind what the one before it has set going: what somebody does
    /// after a short wait comes before the end of a longer wait, and waits that it starts are counted in. On a machine that
    /// is busy a thread may be kept from what it has begun: before the clock jumps to the end of a time limit, which is there
    /// for what others do not do, they get a moment to do it.
    /// </remarks>
    void IThreadPoolWorkItem.Execute()
    {
        SteppedTimer? due = null;
        lock (_gate)
        {
            if (!IsOthersTurn())
            {
                due = TakeDue();
                if (due is null)
                {
                    _pumping = false;
                    return;
                }
            }
        }

        if (due is null)
        {
            _ = GoOnLaterAsync();
            return;
        }

        due.Fire();
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    internal override TimeSpan CompletionOf(TimeSpan work) => Elapsed + work;

    internal override ValueTask ChargeAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            MoveTo(_now + duration);
        }

        return Scale == 0 ? ValueTask.CompletedTask : PayAsync(duration, cancellationToken);
    }

    internal override async ValueTask WaitUntilAsync(TimeSpan elapsed, CancellationToken cancellationToken)
    {
        TimeSpan left;
        lock (_gate)
        {
            left = elapsed - _now;
            if (Scale == 0 || left <= TimeSpan.Zero)
            {
                MoveTo(elapsed);
                return;
            }
        }

        // Task.Delay cuts off what is less than a millisecond, and nothing else would ever move time over it.
        await Task.Delay(left, this, cancellationToken).ConfigureAwait(false);
        Arrive(elapsed);
    }

    internal override IDisposable? Hold()
    {
        if (Scale > 0)
        {
            return null;
        }

        lock (_gate)
        {
            _holds++;
        }

        return new Holding(this);
    }

    internal bool Schedule(SteppedTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            if (timer.IsDisposed)
            {
                return false;
            }

            Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return true;
            }

            timer.Due = _now + dueTime;
            timer.Period = period > TimeSpan.Zero ? period : null;
            timer.Sequence = _sequence++;
            _timers.Add(timer);
            if (Scale > 0 && timer.Period is null)
            {
                var due = timer.Due;
                timer.RealTimer = Real.CreateTimer(_ => Arrive(due), state: null, dueTime * Scale, Timeout.InfiniteTimeSpan);
            }

            Pump();
            return true;
        }
    }

    internal void Cancel(SteppedTimer timer)
    {
        lock (_gate)
        {
            timer.IsDisposed = true;
            Remove(timer);
        }
    }

    private void Arrive(TimeSpan due)
    {
        lock (_gate)
        {
            MoveTo(due);
        }
    }

    private void Remove(SteppedTimer timer)
    {
        _timers.Remove(timer);
        timer.RealTimer?.Dispose();
        timer.RealTimer = null;
    }

    private void MoveTo(TimeSpan time)
    {
        if (time > _now)
        {
            _now = time;
            Pump();
        }
    }

    private void Pump()
    {
        if (!_pumping && _timers.Count > 0)
        {
            _pumping = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private async Task GoOnLaterAsync()
    {
        await Task.Delay(TurnOfOthers, Real).ConfigureAwait(false);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private bool IsOthersTurn()
    {
        if (_timers.Min is not { } first || !first.IsTimeLimit || first.Due <= _now || Scale > 0 || _holds > 0 || IsPoolIdle())
        {
            _turns = 0;
            return false;
        }

        _turns = _turns < TurnsOfOthers ? _turns + 1 : 0;
        return _turns > 0;
    }

    // But for the thread that asks.
    private static bool IsPoolIdle()
    {
        ThreadPool.GetMaxThreads(out var most, out _);
        ThreadPool.GetAvailableThreads(out var available, out _);
        return most - available <= 1 && ThreadPool.PendingWorkItemCount == 0;
    }

    private SteppedTimer? TakeDue()
    {
        var first = _timers.Min;
        if (first is null)
        {
            return null;
        }

        if (first.Due > _now)
        {
            if (Scale > 0 || _holds > 0 || _timers.All(x => x.Period is not null))
            {
                return null;
            }

            _now = first.Due;
        }

        Remove(first);
        if (first.Period is { } period)
        {
            first.Due += period;
            first.Sequence = _sequence++;
            _timers.Add(first);
        }

        return first;
    }

    private sealed class Holding(SteppedClock clock) : IDisposable
    {
        private SteppedClock? _clock = clock;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _clock, null) is { } held)
            {
                lock (held._gate)
                {
                    held._holds--;
                    held.Pump();
                }
            }
        }
    }
}
