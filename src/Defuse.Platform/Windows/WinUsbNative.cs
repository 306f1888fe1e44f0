using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Defuse.Platform.Windows;

/// <summary>The real calls. Written after Microsoft's documentation and never run on Windows.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WinUsbNative : IWinUsbNative
{
    private const uint ReadAndWrite = 0xC0000000;
    private const uint ShareReadAndWrite = 0x00000003;
    private const uint OpenExisting = 3;
    private const uint NormalAndOverlapped = 0x40000080;
    private const nint InvalidHandle = -1;

    private readonly Lazy<WinUsbLibrary?> _winUsb = new(() => WinUsbLibrary.TryLoad("winusb.dll", "WinUsb_"));
    private readonly Lazy<WinUsbLibrary?> _libUsbK = new(() => WinUsbLibrary.TryLoad("libusbK.dll", "UsbK_"));

    public int OpenFile(string path, out nint file)
    {
        file = CreateFileW(path, ReadAndWrite, ShareReadAndWrite, 0, OpenExisting, NormalAndOverlapped, 0);
        if (file != InvalidHandle)
        {
            return 0;
        }

        file = 0;
        return Marshal.GetLastPInvokeError();
    }

    public void CloseFile(nint file) => _ = CloseHandle(file);

    public void CancelIo(nint file, WinUsbOverlapped overlapped) => _ = CancelIoEx(file, (NativeOverlapped*)overlapped.Address);

    public IWinUsbLibrary? Library(string service) =>
        string.Equals(service, WindowsAccess.WinUsb, StringComparison.OrdinalIgnoreCase) ? _winUsb.Value
        : string.Equals(service, WindowsAccess.LibUsbK, StringComparison.OrdinalIgnoreCase) ? _libUsbK.Value
        : null;

    [LibraryImport("kernel32.dll", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint CreateFileW(string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CloseHandle(nint file);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int CancelIoEx(nint file, NativeOverlapped* overlapped);
}
