using Defuse.Simulator;

namespace Defuse.Bench.Performance;

/// <summary>A board's time on an <see cref="EventLoop"/>, where its transfers take as long as its bus says.</summary>
internal sealed class BoardClock(EventLoop loop, Bus bus) : VirtualClock(0, System)
{
    public override TimeSpan Elapsed => loop.Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        loop.CreateTimer(callback, state, dueTime, period);

    // A transfer's effect is there at its begin, and the work that it starts begins at its end.
    internal override TimeSpan CompletionOf(TimeSpan work) => loop.Now + bus.TransferTime + work;

    internal override ValueTask ChargeAsync(TimeSpan duration, CancellationToken cancellationToken) => loop.UntilAsync(loop.Now + bus.TransferTime);

    internal override ValueTask WaitUntilAsync(TimeSpan elapsed, CancellationToken cancellationToken) => loop.UntilAsync(elapsed);
}
