namespace Defuse.Simulator.Clocks;

/// <summary>Real time, divided by the scale.</summary>
internal sealed class FollowingClock(double scale, TimeProvider real) : VirtualClock(scale, real)
{
    private readonly long _started = real.GetTimestamp();

    // At scale 0 the board's work takes no time at all; its clock then shows real time, so that timeouts mean something.
    private readonly double _rate = scale == 0 ? 1 : scale;

    public override TimeSpan Elapsed => Real.GetElapsedTime(_started) / _rate;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        Real.CreateTimer(callback, state, Scaled(dueTime), Scaled(period));

    internal override TimeSpan CompletionOf(TimeSpan work) => Scale == 0 ? Elapsed : Elapsed + work;

    internal override ValueTask ChargeAsync(TimeSpan duration, CancellationToken cancellationToken) =>
        Scale == 0 ? ValueTask.CompletedTask : PayAsync(duration, cancellationToken);

    internal override async ValueTask WaitUntilAsync(TimeSpan elapsed, CancellationToken cancellationToken)
    {
        // A real timer may fire a little early.
        for (var left = elapsed - Elapsed; left > TimeSpan.Zero; left = elapsed - Elapsed)
        {
            await Task.Delay(Max(left * _rate, TimeSpan.FromMilliseconds(1)), Real, cancellationToken).ConfigureAwait(false);
        }
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private TimeSpan Scaled(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time * Scale;
}
