using System.Diagnostics.CodeAnalysis;

namespace Defuse.Platform.Timing;

/// <summary>The system's clock, with timers that are late by a fraction of a millisecond instead of up to a tick of the system.</summary>
/// <remarks>
/// .NET's own timers go by a clock that advances in steps of 15.6 ms on Windows and of 4 ms on most Linux systems. A DFU device
/// is asked dozens of times for each sector, so that such steps are most of the time that flashing takes. Here one thread
/// waits for the timer that is due next; it ends when there has been none for a while. Callbacks run on the thread pool, in
/// the context that the timer was made in. Safe to use from several threads.
/// </remarks>
/// <param name="createWaiter">Makes what the thread waits with; it is disposed when the thread ends.</param>
/// <param name="clock">What time it is.</param>
internal sealed class PreciseTimeProvider(Func<IPreciseWaiter> createWaiter, TimeProvider clock) : TimeProvider
{
    // A thread is dearer than a wait: between two waits of a flash it stays.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestDueTime = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly Lock _lock = new();
    private readonly TimerQueue _queue = new();

    // Null while no thread runs. Whoever adds the first timer then starts one.
    private IPreciseWaiter? _waiter;
    private bool _isLingering;

    /// <summary>One for this system, with the best waits that it has.</summary>
    public static PreciseTimeProvider Create() => new(CreateWaiter, System);

    /// <inheritdoc/>
    public override long TimestampFrequency => clock.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    /// <summary>Whether a thread waits for timers, or for the next one to be made.</summary>
    internal bool HasThread
    {
        get
        {
            lock (_lock)
            {
                return _waiter is not null;
            }
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => clock.GetTimestamp();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new PreciseTimer(this, callback, state);
        Change(timer, dueTime, period);
        return timer;
    }

    internal bool Change(PreciseTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime);
        Check(period);
        lock (_lock)
        {
            if (timer.IsDisposed)
            {
                return false;
            }

            Take(timer);
            timer.Period = period > TimeSpan.Zero ? Ticks(period) : 0;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Add(timer, clock.GetTimestamp() + Ticks(dueTime));
            }

            return true;
        }
    }

    internal void Remove(PreciseTimer timer)
    {
        lock (_lock)
        {
            timer.IsDisposed = true;
            Take(timer);
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "the provider's thread disposes it when it ends")]
    private static IPreciseWaiter CreateWaiter() =>
        OperatingSystem.IsWindows() ? new Windows.WindowsWaiter(new Windows.WindowsTimers())
        : OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? new UnixWaiter()
        : new CoarseWaiter();

    private static void Check(TimeSpan time)
    {
        if (time != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(time, LongestDueTime);
        }
    }

    private long Ticks(TimeSpan time) => (long)Math.Ceiling(time.Ticks * ((double)clock.TimestampFrequency / TimeSpan.TicksPerSecond));

    private TimeSpan Span(long ticks) => TimeSpan.FromTicks((long)Math.Ceiling(ticks * ((double)TimeSpan.TicksPerSecond / clock.TimestampFrequency)));

    private void Take(PreciseTimer timer)
    {
        if (timer.Place is { } place)
        {
            _queue.Remove(timer, place);
            timer.Place = null;
        }
    }

    private void Add(PreciseTimer timer, long due)
    {
        var isFirst = _queue.NextDue is not { } next || due < next;
        timer.Place = _queue.Add(timer, due);
        if (_waiter is null)
        {
            _waiter = createWaiter();
            _isLingering = false;
            new Thread(Serve) { IsBackground = true, Name = "Defuse timers" }.UnsafeStart(_waiter);
        }
        else if (isFirst)
        {
            _waiter.Wake();
        }
    }

    private void Serve(object? state)
    {
        using var waiter = (IPreciseWaiter)state!;
        while (NextWait() is { } time)
        {
            waiter.Wait(time);
        }
    }

    // How long there is nothing to do; null if the thread is to end, which then no other timer goes to.
    private TimeSpan? NextWait()
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var hasFired = false;
            while (_queue.TakeDue(now) is { } timer)
            {
                hasFired = true;
                var due = timer.Place!.Value.Due;
                timer.Place = null;
                if (timer.Period > 0)
                {
                    // What was missed is not made up for.
                    timer.Place = _queue.Add(timer, Math.Max(due + timer.Period, now));
                }

                timer.Fire();
            }

            if (_queue.NextDue is { } next)
            {
                _isLingering = false;
                return next > now ? Span(next - now) : TimeSpan.Zero;
            }

            if (_isLingering && !hasFired)
            {
                _waiter = null;
                return null;
            }

            _isLingering = true;
            return Linger;
        }
    }
}
