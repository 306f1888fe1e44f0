using Defuse.Simulator.Clocks;

namespace Defuse.Simulator;

/// <summary>The time of a simulated board.</summary>
/// <remarks>
/// One scale relates it to real time: 1 means that a second of the board takes a second, 0.1 that it takes a tenth, 0
/// that it takes none. Safe to use from several threads.
/// </remarks>
public abstract class VirtualClock : TimeProvider
{
    // Below this, a wait costs more than it is long: small charges are collected and waited for together.
    private static readonly TimeSpan SmallestWait = TimeSpan.FromMilliseconds(4);

    private readonly DateTimeOffset _start;
    private readonly Lock _debtGate = new();
    private TimeSpan _debt;

    private protected VirtualClock(double scale, TimeProvider real)
    {
        if (!(scale is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "The scale is from 0 to 1.");
        }

        Scale = scale;
        Real = real;
        _start = real.GetUtcNow();
    }

    /// <summary>How much real time a unit of this clock's time takes, 0 to 1.</summary>
    public double Scale { get; }

    /// <summary>How much of the board's time has passed since the clock was made.</summary>
    public abstract TimeSpan Elapsed { get; }

    /// <inheritdoc/>
    public sealed override long TimestampFrequency => TimeSpan.TicksPerSecond;

    private protected TimeProvider Real { get; }

    /// <summary>
    /// A clock that only waits and transfers move: for a host in the same process, which waits on this very clock.
    /// </summary>
    /// <param name="scale">How much real time a wait takes, 0 to 1; at 0, waits end at once and time jumps.</param>
    /// <param name="real">Real time; the system's if null.</param>
    /// <remarks>
    /// At scale 0 whoever waits moves time: timers fire on the thread pool, one after the other, in the order in which
    /// they are due, and each moves time to when it was due. Periodic timers don't move time; they fire as it passes.
    /// The program's own work takes no time, so a timeout that nothing competes with expires at once.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not from 0 to 1.</exception>
    public static VirtualClock Stepped(double scale = 0, TimeProvider? real = null) => new SteppedClock(scale, real ?? System);

    /// <summary>
    /// A clock that follows real time: for a board that is served to other programs, which wait in real time.
    /// </summary>
    /// <param name="scale">
    /// How much real time a unit of the board's time takes, 0 to 1; at 0, all of the board's work is done at once.
    /// </param>
    /// <param name="real">Real time; the system's if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not from 0 to 1.</exception>
    public static VirtualClock Following(double scale = 0, TimeProvider? real = null) => new FollowingClock(scale, real ?? System);

    /// <inheritdoc/>
    public sealed override long GetTimestamp() => Elapsed.Ticks;

    /// <inheritdoc/>
    public sealed override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <summary>When work that begins now is done.</summary>
    internal abstract TimeSpan CompletionOf(TimeSpan work);

    /// <summary>Takes the time that a transfer needs on the wire.</summary>
    internal abstract ValueTask ChargeAsync(TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Waits until that much time has elapsed.</summary>
    internal abstract ValueTask WaitUntilAsync(TimeSpan elapsed, CancellationToken cancellationToken);

    /// <summary>Keeps time from jumping to somebody's timer until it is disposed: what goes on meanwhile moves time itself, and waits for no timer. Null if it does not jump.</summary>
    internal virtual IDisposable? Hold() => null;

    private protected async ValueTask PayAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        TimeSpan due;
        lock (_debtGate)
        {
            _debt += duration * Scale;
            if (_debt < SmallestWait)
            {
                return;
            }

            due = _debt;
            _debt = TimeSpan.Zero;
        }

        var started = Real.GetTimestamp();
        await Task.Delay(due, Real, cancellationToken).ConfigureAwait(false);
        lock (_debtGate)
        {
            // Timers are coarse: what was waited too long is credited to the next transfers.
            _debt += due - Real.GetElapsedTime(started);
        }
    }
}
