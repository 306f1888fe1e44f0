using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Defuse.Platform.Windows;

/// <summary>The real calls. Written after Microsoft's documentation and never run on Windows.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WindowsSerial : IWindowsSerial
{
    private const uint ReadAndWrite = 0xC0000000;
    private const uint OpenExisting = 3;
    private const uint NormalAndOverlapped = 0x40000080;
    private const nint InvalidHandle = -1;

    public int Open(string path, out nint file)
    {
        // Ports cannot be shared.
        file = CreateFileW(path, ReadAndWrite, 0, 0, OpenExisting, NormalAndOverlapped, 0);
        if (file != InvalidHandle)
        {
            return Win32Error.None;
        }

        file = 0;
        return Marshal.GetLastPInvokeError();
    }

    public void Close(nint file) => _ = CloseHandle(file);

    public int GetState(nint file, ref DeviceControlBlock state)
    {
        state.Length = (uint)Unsafe.SizeOf<DeviceControlBlock>();
        fixed (DeviceControlBlock* block = &state)
        {
            return Error(GetCommState(file, block));
        }
    }

    public int SetState(nint file, in DeviceControlBlock state)
    {
        fixed (DeviceControlBlock* block = &state)
        {
            return Error(SetCommState(file, block));
        }
    }

    public int SetTimeouts(nint file, uint readInterval, uint readMultiplier, uint readConstant)
    {
        // COMMTIMEOUTS.
        var timeouts = stackalloc uint[5] { readInterval, readMultiplier, readConstant, 0, 0 };
        return Error(SetCommTimeouts(file, timeouts));
    }

    public int Escape(nint file, uint function) => Error(EscapeCommFunction(file, function));

    public int GetModemStatus(nint file, out uint status)
    {
        uint found = 0;
        var error = Error(GetCommModemStatus(file, &found));
        status = found;
        return error;
    }

    public int Purge(nint file, uint what) => Error(PurgeComm(file, what));

    public int Read(nint file, nint buffer, uint length, WinUsbOverlapped overlapped) => Error(ReadFile(file, buffer, length, 0, overlapped.Address));

    public int Write(nint file, nint buffer, uint length, WinUsbOverlapped overlapped) => Error(WriteFile(file, buffer, length, 0, overlapped.Address));

    public int GetResult(nint file, WinUsbOverlapped overlapped, out uint transferred)
    {
        uint count = 0;
        var error = Error(GetOverlappedResult(file, overlapped.Address, &count, 0));
        transferred = count;
        return error;
    }

    public void Cancel(nint file, WinUsbOverlapped overlapped) => _ = CancelIoEx(file, overlapped.Address);

    private static int Error(int succeeded) => succeeded != 0 ? Win32Error.None : Marshal.GetLastPInvokeError();

    [LibraryImport("kernel32.dll", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint CreateFileW(string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CloseHandle(nint file);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetCommState(nint file, DeviceControlBlock* state);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetCommState(nint file, DeviceControlBlock* state);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetCommTimeouts(nint file, uint* timeouts);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int EscapeCommFunction(nint file, uint function);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetCommModemStatus(nint file, uint* status);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int PurgeComm(nint file, uint what);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ReadFile(nint file, nint buffer, uint length, nint read, nint overlapped);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int WriteFile(nint file, nint buffer, uint length, nint written, nint overlapped);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetOverlappedResult(nint file, nint overlapped, uint* transferred, int wait);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CancelIoEx(nint file, nint overlapped);
}
