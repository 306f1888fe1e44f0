using Defuse.Platform.Timing;

namespace Defuse.Platform.Tests.Timing;

/// <summary>A clock that stands still until it is set, and what waits on it.</summary>
internal sealed class FakeClock : TimeProvider
{
    private readonly object _lock = new();
    private readonly List<FakeWaiter> _waiters = [];
    private long _now;

    public override long TimestampFrequency => 1_000_000;

    public IReadOnlyList<FakeWaiter> Waiters
    {
        get
        {
            lock (_lock)
            {
                return [.. _waiters];
            }
        }
    }

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public IPreciseWaiter CreateWaiter()
    {
        lock (_lock)
        {
            var waiter = new FakeWaiter(this);
            _waiters.Add(waiter);
            return waiter;
        }
    }

    /// <summary>Lets time pass, and every thread that waits look at the clock.</summary>
    public void Advance(double milliseconds)
    {
        lock (_lock)
        {
            _now += (long)(milliseconds * 1000);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits, in real time, until the one thread waits for a time of the fake clock.</summary>
    public TimeSpan AwaitWait(Func<TimeSpan, bool> isMeant)
    {
        lock (_lock)
        {
            while (true)
            {
                if (_waiters.Count > 0 && _waiters[^1].Waiting is { } wait && isMeant(wait))
                {
                    return wait;
                }

                Assert.True(Monitor.Wait(_lock, TimeSpan.FromSeconds(20)), "the timers' thread does not wait as it should");
            }
        }
    }

    internal sealed class FakeWaiter(FakeClock clock) : IPreciseWaiter
    {
        private bool _isWoken;

        public TimeSpan? Waiting { get; private set; }

        public bool IsDisposed { get; private set; }

        public void Wait(TimeSpan time)
        {
            lock (clock._lock)
            {
                ObjectDisposedException.ThrowIf(IsDisposed, this);
                var until = clock._now + (time.Ticks / 10);
                Waiting = time;
                Monitor.PulseAll(clock._lock);
                while (!_isWoken && (time == Timeout.InfiniteTimeSpan || clock._now < until))
                {
                    Monitor.Wait(clock._lock);
                }

                Waiting = null;
                _isWoken = false;
            }
        }

        public void Wake()
        {
            lock (clock._lock)
            {
                ObjectDisposedException.ThrowIf(IsDisposed, this);
                _isWoken = true;
                Monitor.PulseAll(clock._lock);
            }
        }

        public void Dispose()
        {
            lock (clock._lock)
            {
                Assert.False(IsDisposed, "disposed twice");
                IsDisposed = true;
                Monitor.PulseAll(clock._lock);
            }
        }
    }
}
