using System.Collections.Concurrent;
using System.Diagnostics;

namespace Defuse.Simulator.Tests;

public sealed class VirtualClockTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_wait_moves_stepped_time_by_its_length_and_takes_none()
    {
        var clock = VirtualClock.Stepped();
        var real = Stopwatch.StartNew();
        await Task.Delay(Hour, clock);
        Assert.Equal(Hour, clock.Elapsed);
        await Task.Delay(Hour, clock);
        Assert.Equal(Hour * 2, clock.Elapsed);
        Assert.Equal(Hour * 2, clock.GetElapsedTime(0));
        Assert.True(real.Elapsed < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Stepped_time_stands_still_when_nobody_waits()
    {
        var clock = VirtualClock.Stepped();
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.Zero, clock.Elapsed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    [InlineData(1)]
    public async Task A_wait_for_a_part_of_a_millisecond_is_over_when_it_ends(double scale)
    {
        var clock = VirtualClock.Stepped(scale);
        var until = TimeSpan.FromMilliseconds(1.5);
        await clock.WaitUntilAsync(until, TestContext.Current.CancellationToken);
        Assert.Equal(until, clock.Elapsed);
    }

    [Fact]
    public async Task Timers_fire_in_the_order_in_which_they_are_due()
    {
        var clock = VirtualClock.Stepped();
        var fired = new ConcurrentQueue<int>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var timers = new List<ITimer>();

        // A first timer's callback arms the others, so that none of them can fire before all are there.
        using var first = clock.CreateTimer(
            _ =>
            {
                foreach (var due in new[] { 5, 3, 9, 1, 7 })
                {
                    timers.Add(clock.CreateTimer(
                        _ =>
                        {
                            fired.Enqueue(due);
                            Assert.Equal(TimeSpan.FromSeconds(due + 1), clock.Elapsed);
                            if (fired.Count == 5)
                            {
                                done.SetResult();
                            }
                        },
                        null,
                        TimeSpan.FromSeconds(due),
                        Timeout.InfiniteTimeSpan));
                }
            },
            null,
            TimeSpan.FromSeconds(1),
            Timeout.InfiniteTimeSpan);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal([1, 3, 5, 7, 9], fired);
        Assert.Equal(TimeSpan.FromSeconds(10), clock.Elapsed);
    }

    [Fact]
    public async Task A_callback_does_not_run_inside_the_call_that_made_its_timer()
    {
        var clock = VirtualClock.Stepped();
        var gate = new Lock();
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ITimer timer;
        lock (gate)
        {
            timer = clock.CreateTimer(
                _ =>
                {
                    lock (gate)
                    {
                        fired.SetResult();
                    }
                },
                null,
                TimeSpan.Zero,
                Timeout.InfiniteTimeSpan);
            Assert.False(fired.Task.IsCompleted);
        }

        await fired.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        timer.Dispose();
        Assert.False(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public async Task A_short_wait_in_a_loop_comes_before_a_long_timeout()
    {
        var clock = VirtualClock.Stepped();
        await Task.Run(
            async () =>
            {
                using var timeout = new CancellationTokenSource(Hour, clock);
                for (var i = 0; i < 1000; i++)
                {
                    await Task.Delay(TimeSpan.FromSeconds(3), clock, timeout.Token).ConfigureAwait(false);
                }

                Assert.Equal(TimeSpan.FromSeconds(3000), clock.Elapsed);
            },
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_timeout_that_nothing_competes_with_expires()
    {
        var clock = VirtualClock.Stepped();
        using var timeout = new CancellationTokenSource(Hour, clock);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.Infinite, timeout.Token));
        Assert.Equal(Hour, clock.Elapsed);
    }

    [Fact]
    public async Task Time_that_is_held_jumps_to_no_timer_and_does_so_afterwards()
    {
        var clock = VirtualClock.Stepped();
        var holding = clock.Hold()!;

        var wait = Task.Delay(TimeSpan.FromSeconds(35), clock, TestContext.Current.CancellationToken);
        await Task.WhenAny(wait, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken));

        Assert.False(wait.IsCompleted);
        Assert.Equal(TimeSpan.Zero, clock.Elapsed);
        await clock.WaitUntilAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromSeconds(1), clock.Elapsed);

        holding.Dispose();
        holding.Dispose();
        await wait.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromSeconds(35), clock.Elapsed);
    }

    [Fact]
    public async Task A_disposed_timer_moves_nothing()
    {
        var clock = VirtualClock.Stepped();
        var fired = 0;
        clock.CreateTimer(_ => fired++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan).Dispose();
        var timer = clock.CreateTimer(_ => fired++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Assert.True(timer.Change(Timeout.InfiniteTimeSpan, Hour));
        timer.Dispose();
        await Task.Delay(TimeSpan.FromSeconds(1), clock);
        Assert.Equal((0, TimeSpan.FromSeconds(1)), (fired, clock.Elapsed));
    }

    [Fact]
    public async Task A_periodic_timer_fires_as_time_passes_and_does_not_drive_it()
    {
        var clock = VirtualClock.Stepped();
        var times = new ConcurrentQueue<double>();
        using var timer = clock.CreateTimer(_ => times.Enqueue(clock.Elapsed.TotalSeconds), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Empty(times);
        await Task.Delay(TimeSpan.FromSeconds(6), clock);
        Assert.Equal([1, 3, 5], times);
    }

    [Fact]
    public async Task Many_waiters_on_many_threads_all_come_back()
    {
        var clock = VirtualClock.Stepped();
        await Task.WhenAll(Enumerable.Range(1, 200).Select(x => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                var before = clock.Elapsed;
                await Task.Delay(TimeSpan.FromMilliseconds(x), clock);
                Assert.True(clock.Elapsed - before >= TimeSpan.FromMilliseconds(x));
            }
        }))).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.True(clock.Elapsed >= TimeSpan.FromMilliseconds(200 * 20));
    }

    [Fact]
    public async Task A_time_limit_does_not_overtake_what_is_at_work()
    {
        var clock = VirtualClock.Stepped();
        await Task.Run(
            () =>
            {
                using var limit = new CancellationTokenSource(Hour, clock);
                Thread.Sleep(2);
                Assert.False(limit.IsCancellationRequested);
            },
            TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(1.0, 120)]
    [InlineData(0.1, 1200)]
    public async Task A_scaled_wait_takes_its_part_of_real_time(double scale, int milliseconds)
    {
        var clock = VirtualClock.Stepped(scale);
        var real = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), clock);
        Assert.InRange(real.Elapsed.TotalMilliseconds, 110, 10_000);
        Assert.Equal(milliseconds, clock.Elapsed.TotalMilliseconds);
    }

    [Fact]
    public async Task Scaled_transfers_take_real_time_too()
    {
        var clock = VirtualClock.Stepped(1);
        var real = Stopwatch.StartNew();
        for (var i = 0; i < 100; i++)
        {
            await clock.ChargeAsync(TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken);
        }

        Assert.Equal(100, clock.Elapsed.TotalMilliseconds);
        Assert.InRange(real.Elapsed.TotalMilliseconds, 90, 5_000);
    }

    [Fact]
    public async Task A_following_clock_runs_with_real_time_divided_by_the_scale()
    {
        var real = VirtualClock.Stepped();
        var clock = VirtualClock.Following(0.25, real);
        await real.ChargeAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromSeconds(4), clock.Elapsed);
        Assert.Equal(TimeSpan.FromSeconds(10), clock.CompletionOf(TimeSpan.FromSeconds(6)));
        await Task.Delay(TimeSpan.FromSeconds(8), clock);
        Assert.Equal(TimeSpan.FromSeconds(3), real.Elapsed);
        await clock.WaitUntilAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromSeconds(5), real.Elapsed);
    }

    [Fact]
    public void A_following_clock_at_scale_0_has_all_work_done_at_once()
    {
        var clock = VirtualClock.Following(0, VirtualClock.Stepped());
        Assert.Equal(clock.Elapsed, clock.CompletionOf(Hour));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void The_scale_is_from_0_to_1(double scale)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => VirtualClock.Stepped(scale));
        Assert.Throws<ArgumentOutOfRangeException>(() => VirtualClock.Following(scale));
    }
}
