using Defuse.Platform.Timing;

namespace Defuse.Platform.Tests.Timing;

public sealed class TimerQueueTests
{
    private readonly TimerQueue _queue = new();

    [Fact]
    public void Timers_come_in_the_order_they_are_due_then_added()
    {
        var (a, b, c) = (Timer(), Timer(), Timer());
        _queue.Add(a, 20);
        _queue.Add(b, 10);
        _queue.Add(c, 10);
        Assert.Equal(10, _queue.NextDue);
        Assert.Null(_queue.TakeDue(9));
        Assert.Same(b, _queue.TakeDue(20));
        Assert.Same(c, _queue.TakeDue(20));
        Assert.Same(a, _queue.TakeDue(20));
        Assert.Null(_queue.TakeDue(long.MaxValue));
        Assert.Null(_queue.NextDue);
    }

    [Fact]
    public void What_is_taken_out_does_not_come()
    {
        var timer = Timer();
        var place = _queue.Add(timer, 10);
        _queue.Remove(timer, place);
        _queue.Remove(timer, place);
        Assert.Null(_queue.TakeDue(100));
    }

    private static PreciseTimer Timer() => new(PreciseTimeProvider.Create(), _ => { }, null);
}
