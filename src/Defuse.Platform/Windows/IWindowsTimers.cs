namespace Defuse.Platform.Windows;

/// <summary>What waits are made of on Windows (kernel32.dll, winmm.dll), call by call. Handles of 0 are none.</summary>
internal interface IWindowsTimers
{
    /// <summary>CreateWaitableTimerExW with all access; 0 if this Windows has none such.</summary>
    nint CreateWaitableTimer(uint flags);

    /// <summary>SetWaitableTimer, once.</summary>
    /// <param name="timer">The timer.</param>
    /// <param name="dueTime">In units of 100 ns; negative for a time from now.</param>
    bool SetWaitableTimer(nint timer, long dueTime);

    /// <summary>CreateEventW: one that resets itself, not signalled.</summary>
    nint CreateEvent();

    /// <summary>SetEvent.</summary>
    void SetEvent(nint handle);

    /// <summary>WaitForMultipleObjects for any of two, for as long as it takes.</summary>
    void WaitForEither(nint one, nint other);

    /// <summary>WaitForSingleObject.</summary>
    /// <param name="handle">What is waited for.</param>
    /// <param name="milliseconds">How long; 0xFFFFFFFF for as long as it takes.</param>
    void WaitForOne(nint handle, uint milliseconds);

    /// <summary>CloseHandle.</summary>
    void CloseHandle(nint handle);

    /// <summary>timeBeginPeriod.</summary>
    void BeginPeriod(uint milliseconds);

    /// <summary>timeEndPeriod.</summary>
    void EndPeriod(uint milliseconds);
}
