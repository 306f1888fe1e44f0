using Defuse.Platform.Timing;

namespace Defuse.Platform.Windows;

/// <summary>
/// Waits with a waitable timer of high resolution (Windows 10, version 1803 and later), else with an ordinary one while the
/// system's tick is set to 1 ms.
/// </summary>
internal sealed class WindowsWaiter : IPreciseWaiter
{
    private const uint HighResolution = 0x00000002;
    private const uint Tick = 1;
    private const uint Infinite = 0xFFFFFFFF;

    // Longer waits need no precision, and an ordinary one is kept from counting beyond its range.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly IWindowsTimers _native;
    private readonly nint _timer;
    private readonly nint _wake;
    private readonly bool _hasTick;

    public WindowsWaiter(IWindowsTimers native)
    {
        _native = native;
        _wake = native.CreateEvent();
        _timer = native.CreateWaitableTimer(HighResolution);
        if (_timer == 0)
        {
            native.BeginPeriod(Tick);
            _hasTick = true;
            _timer = native.CreateWaitableTimer(0);
        }
    }

    public void Wait(TimeSpan time)
    {
        if (time == Timeout.InfiniteTimeSpan)
        {
            _native.WaitForOne(_wake, Infinite);
            return;
        }

        var span = time < LongestWait ? time : LongestWait;
        if (_timer != 0 && _native.SetWaitableTimer(_timer, -Math.Max(1, span.Ticks)))
        {
            _native.WaitForEither(_timer, _wake);
        }
        else
        {
            _native.WaitForOne(_wake, (uint)Math.Ceiling(span.TotalMilliseconds));
        }
    }

    public void Wake() => _native.SetEvent(_wake);

    public void Dispose()
    {
        if (_timer != 0)
        {
            _native.CloseHandle(_timer);
        }

        _native.CloseHandle(_wake);
        if (_hasTick)
        {
            _native.EndPeriod(Tick);
        }
    }
}
