using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Defuse.Platform.Windows;

/// <summary>The real calls. Written after Microsoft's documentation and never run on Windows.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WindowsTimers : IWindowsTimers
{
    private const uint TimerAllAccess = 0x001F0003;
    private const uint Infinite = 0xFFFFFFFF;

    public nint CreateWaitableTimer(uint flags) => CreateWaitableTimerEx(0, 0, flags, TimerAllAccess);

    public bool SetWaitableTimer(nint timer, long dueTime) => SetWaitableTimer(timer, &dueTime, 0, 0, 0, 0) != 0;

    public nint CreateEvent() => CreateEvent(0, 0, 0, 0);

    void IWindowsTimers.SetEvent(nint handle) => _ = SetEvent(handle);

    public void WaitForEither(nint one, nint other)
    {
        var handles = stackalloc nint[2] { one, other };
        _ = WaitForMultipleObjects(2, handles, 0, Infinite);
    }

    public void WaitForOne(nint handle, uint milliseconds) => _ = WaitForSingleObject(handle, milliseconds);

    void IWindowsTimers.CloseHandle(nint handle) => _ = CloseHandle(handle);

    public void BeginPeriod(uint milliseconds) => _ = TimeBeginPeriod(milliseconds);

    public void EndPeriod(uint milliseconds) => _ = TimeEndPeriod(milliseconds);

    [LibraryImport("kernel32.dll", EntryPoint = "CreateWaitableTimerExW")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint CreateWaitableTimerEx(nint attributes, nint name, uint flags, uint access);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetWaitableTimer(nint timer, long* dueTime, int period, nint completion, nint argument, int resume);

    [LibraryImport("kernel32.dll", EntryPoint = "CreateEventW")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint CreateEvent(nint attributes, int manualReset, int initialState, nint name);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetEvent(nint handle);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint WaitForMultipleObjects(uint count, nint* handles, int waitAll, uint milliseconds);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint WaitForSingleObject(nint handle, uint milliseconds);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CloseHandle(nint handle);

    [LibraryImport("winmm.dll", EntryPoint = "timeBeginPeriod")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint TimeBeginPeriod(uint milliseconds);

    [LibraryImport("winmm.dll", EntryPoint = "timeEndPeriod")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint TimeEndPeriod(uint milliseconds);
}
