using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Defuse.Platform.Timing;

/// <summary>Waits with the kernel's own timers, which Linux and macOS keep to about a tenth of a millisecond.</summary>
/// <remarks>The whole milliseconds can be woken from; what is left of one is slept (POSIX nanosleep).</remarks>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal sealed partial class UnixWaiter : IPreciseWaiter
{
    // A thread that sleeps on a lock is back this much late at times; the rest is slept more exactly.
    private static readonly TimeSpan Spare = TimeSpan.FromMilliseconds(0.3);

    private readonly object _lock = new();
    private bool _isWoken;

    public void Wait(TimeSpan time)
    {
        var started = TimeProvider.System.GetTimestamp();
        lock (_lock)
        {
            if (time == Timeout.InfiniteTimeSpan)
            {
                while (!_isWoken)
                {
                    Monitor.Wait(_lock);
                }
            }

            var milliseconds = (int)Math.Min((time - Spare).TotalMilliseconds, int.MaxValue);
            if (!_isWoken && milliseconds > 0)
            {
                Monitor.Wait(_lock, milliseconds);
            }

            if (_isWoken)
            {
                _isWoken = false;
                return;
            }
        }

        var left = time - TimeProvider.System.GetElapsedTime(started);
        if (left > TimeSpan.Zero)
        {
            var request = new TimeSpec { Seconds = (nint)(left.Ticks / TimeSpan.TicksPerSecond), Nanoseconds = (nint)(left.Ticks % TimeSpan.TicksPerSecond * 100) };
            _ = NanoSleep(in request, 0);
        }
    }

    public void Wake()
    {
        lock (_lock)
        {
            _isWoken = true;
            Monitor.Pulse(_lock);
        }
    }

    public void Dispose()
    {
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NanoSleep(in TimeSpec request, nint remaining);

    // time_t and long have the size of a pointer on the systems that .NET runs on, 64-bit ones and glibc's 32-bit ones.
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
