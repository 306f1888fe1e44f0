namespace Defuse.Platform.Windows;

/// <summary>The calls of kernel32.dll that devices are opened with, and the libraries that speak to them then.</summary>
internal interface IWinUsbNative
{
    /// <summary>CreateFileW for reading, writing and overlapped work, shared with others.</summary>
    /// <param name="path">A device interface's path.</param>
    /// <param name="file">The file; 0 if it failed.</param>
    /// <returns>A Win32 error; 0 if there is none.</returns>
    int OpenFile(string path, out nint file);

    /// <summary>CloseHandle.</summary>
    void CloseFile(nint file);

    /// <summary>CancelIoEx; what is cancelled still completes.</summary>
    void CancelIo(nint file, WinUsbOverlapped overlapped);

    /// <summary>The library for a service, "WinUSB" or "libusbK"; null if it is not there.</summary>
    IWinUsbLibrary? Library(string service);
}
