namespace Defuse.Platform.Windows;

/// <summary>The calls of kernel32.dll that serial ports are made of. Each returns a Win32 error; 0 if there is none.</summary>
internal interface IWindowsSerial
{
    /// <summary>CreateFileW for reading, writing and overlapped work, for this program alone.</summary>
    int Open(string path, out nint file);

    /// <summary>CloseHandle.</summary>
    void Close(nint file);

    /// <summary>GetCommState.</summary>
    int GetState(nint file, ref DeviceControlBlock state);

    /// <summary>SetCommState.</summary>
    int SetState(nint file, in DeviceControlBlock state);

    /// <summary>SetCommTimeouts, all in milliseconds.</summary>
    /// <param name="file">The port.</param>
    /// <param name="readInterval">ReadIntervalTimeout.</param>
    /// <param name="readMultiplier">ReadTotalTimeoutMultiplier.</param>
    /// <param name="readConstant">ReadTotalTimeoutConstant. Those for writing are 0: none.</param>
    int SetTimeouts(nint file, uint readInterval, uint readMultiplier, uint readConstant);

    /// <summary>EscapeCommFunction.</summary>
    int Escape(nint file, uint function);

    /// <summary>GetCommModemStatus.</summary>
    int GetModemStatus(nint file, out uint status);

    /// <summary>PurgeComm.</summary>
    int Purge(nint file, uint what);

    /// <summary>ReadFile, overlapped.</summary>
    /// <returns>ERROR_IO_PENDING (997) or 0 if it has begun, which ends in an event in both cases.</returns>
    int Read(nint file, nint buffer, uint length, WinUsbOverlapped overlapped);

    /// <summary>WriteFile, overlapped.</summary>
    /// <returns>As <see cref="Read"/>.</returns>
    int Write(nint file, nint buffer, uint length, WinUsbOverlapped overlapped);

    /// <summary>GetOverlappedResult, without waiting.</summary>
    int GetResult(nint file, WinUsbOverlapped overlapped, out uint transferred);

    /// <summary>CancelIoEx; what is cancelled still completes.</summary>
    void Cancel(nint file, WinUsbOverlapped overlapped);
}
