using Defuse.Platform.Windows;

namespace Defuse.Platform.Tests.Windows;

/// <summary>Which of Windows' timers are used, and what is given back of them. That they are precise only Windows can show.</summary>
public sealed class WindowsWaiterTests
{
    private readonly FakeTimers _native = new();

    [Fact]
    public void A_timer_of_high_resolution_is_set_to_the_time_that_is_left()
    {
        using (var waiter = new WindowsWaiter(_native))
        {
            waiter.Wait(TimeSpan.FromMilliseconds(1.5));
            waiter.Wait(TimeSpan.Zero);
            waiter.Wait(TimeSpan.FromDays(30));
            waiter.Wake();
            waiter.Wait(Timeout.InfiniteTimeSpan);
        }

        Assert.Equal(
            [
                "event 1", "timer 2 flags 2", "set 2 -15000", "either 2 1", "set 2 -1", "either 2 1", "set 2 -36000000000", "either 2 1",
                "signal 1", "one 1 4294967295", "close 2", "close 1",
            ],
            _native.Calls);
        Assert.Empty(_native.Open);
    }

    [Fact]
    public void An_older_Windows_gets_an_ordinary_timer_and_a_tick_of_a_millisecond_while_it_is_needed()
    {
        _native.HasHighResolution = false;
        using (var waiter = new WindowsWaiter(_native))
        {
            waiter.Wait(TimeSpan.FromMilliseconds(2));
        }

        Assert.Equal(
            ["event 1", "timer - flags 2", "begin 1", "timer 2 flags 0", "set 2 -20000", "either 2 1", "close 2", "close 1", "end 1"],
            _native.Calls);
        Assert.Empty(_native.Open);
    }

    [Fact]
    public void Without_any_timer_the_event_alone_is_waited_for()
    {
        _native.HasHighResolution = false;
        _native.HasTimers = false;
        using (var waiter = new WindowsWaiter(_native))
        {
            waiter.Wait(TimeSpan.FromMilliseconds(2.5));
        }

        Assert.Contains("one 1 3", _native.Calls);
        Assert.Empty(_native.Open);
    }

    private sealed class FakeTimers : IWindowsTimers
    {
        private nint _next = 1;

        public List<string> Calls { get; } = [];

        public HashSet<nint> Open { get; } = [];

        public bool HasHighResolution { get; set; } = true;

        public bool HasTimers { get; set; } = true;

        public nint CreateWaitableTimer(uint flags)
        {
            var has = flags == 2 ? HasHighResolution : HasTimers;
            Calls.Add($"timer {(has ? _next : "-")} flags {flags}");
            return has ? Handle() : 0;
        }

        public bool SetWaitableTimer(nint timer, long dueTime)
        {
            Assert.True(dueTime < 0, "a time of day");
            Call($"set {timer} {dueTime}", timer);
            return true;
        }

        public nint CreateEvent()
        {
            Calls.Add($"event {_next}");
            return Handle();
        }

        public void SetEvent(nint handle) => Call($"signal {handle}", handle);

        public void WaitForEither(nint one, nint other) => Call($"either {one} {other}", one, other);

        public void WaitForOne(nint handle, uint milliseconds) => Call($"one {handle} {milliseconds}", handle);

        public void CloseHandle(nint handle)
        {
            Call($"close {handle}", handle);
            Open.Remove(handle);
        }

        public void BeginPeriod(uint milliseconds) => Calls.Add($"begin {milliseconds}");

        public void EndPeriod(uint milliseconds) => Calls.Add($"end {milliseconds}");

        private void Call(string call, params nint[] handles)
        {
            Assert.All(handles, x => Assert.Contains(x, Open));
            Calls.Add(call);
        }

        private nint Handle()
        {
            Open.Add(_next);
            return _next++;
        }
    }
}
