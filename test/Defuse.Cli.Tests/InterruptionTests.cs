namespace Defuse.Cli.Tests;

/// <summary>How many signals it takes.</summary>
public sealed class InterruptionTests
{
    [Fact]
    public void The_first_signal_asks_for_an_end_and_a_later_one_for_an_end_at_once()
    {
        var clock = new ManualClock { Now = TimeSpan.FromHours(1) };
        using var cancellation = new CancellationTokenSource();
        var interruption = new Interruption(clock, cancellation);
        Assert.False(interruption.Take());
        Assert.True(cancellation.IsCancellationRequested);
        clock.Now += TimeSpan.FromMilliseconds(500);
        Assert.True(interruption.Take());
    }

    // GNU timeout signals its child, and then its whole group.
    [Fact]
    public void Signals_that_come_together_are_one()
    {
        var clock = new ManualClock();
        using var cancellation = new CancellationTokenSource();
        var interruption = new Interruption(clock, cancellation);
        Assert.False(interruption.Take());
        Assert.False(interruption.Take());
        clock.Now += TimeSpan.FromMilliseconds(499);
        Assert.False(interruption.Take());
        clock.Now += TimeSpan.FromMilliseconds(1);
        Assert.True(interruption.Take());
    }
}
