namespace Defuse.Targets.Dfu;

/// <summary>Waits for part of a millisecond too, where the clock can: a block is programmed in three to twenty.</summary>
internal static class DfuDelay
{
    /// <summary>Waits so long, as far as the clock's timers are that exact; by the system's clock, up to a quarter of a millisecond less.</summary>
    public static async ValueTask WaitAsync(TimeSpan time, TimeProvider clock)
    {
        // The system's timers, and Task.Delay, cut off what is less than a millisecond, and a whole one more is much of a block's time.
        if (ReferenceEquals(clock, TimeProvider.System))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds - 0.25)), clock, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        var over = new TaskCompletionSource();
        var timer = clock.CreateTimer(static x => ((TaskCompletionSource)x!).TrySetResult(), over, time, Timeout.InfiniteTimeSpan);
        await using var closing = timer.ConfigureAwait(false);
        await over.Task.ConfigureAwait(false);
    }
}
