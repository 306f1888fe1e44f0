using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>
/// winusb.dll, or libusbK.dll, whose functions have the same parameters under other names. Written after Microsoft's documentation
/// and libusbK's header, and never run on Windows.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class WinUsbLibrary : IWinUsbLibrary
{
    private const uint PipeTransferTimeout = 0x03;

    // USB_INTERFACE_DESCRIPTOR: bLength, bDescriptorType, bInterfaceNumber, and six more.
    private const int DescriptorSize = 9;
    private const int NumberOffset = 2;

    private readonly delegate* unmanaged[Stdcall]<nint, nint*, int> _initialize;
    private readonly delegate* unmanaged[Stdcall]<nint, int> _free;
    private readonly delegate* unmanaged[Stdcall]<nint, byte, nint*, int> _getAssociatedInterface;
    private readonly delegate* unmanaged[Stdcall]<nint, byte, byte*, int> _queryInterfaceSettings;
    private readonly delegate* unmanaged[Stdcall]<nint, byte, int> _setCurrentAlternateSetting;
    private readonly delegate* unmanaged[Stdcall]<nint, byte, uint, uint, void*, int> _setPipePolicy;
    private readonly delegate* unmanaged[Stdcall]<nint, Setup, byte*, uint, uint*, NativeOverlapped*, int> _controlTransfer;
    private readonly delegate* unmanaged[Stdcall]<nint, NativeOverlapped*, uint*, int, int> _getOverlappedResult;

    /// <exception cref="EntryPointNotFoundException">It lacks a function.</exception>
    private WinUsbLibrary(nint library, string prefix)
    {
        nint Export(string name) => NativeLibrary.GetExport(library, prefix + name);
        _initialize = (delegate* unmanaged[Stdcall]<nint, nint*, int>)Export("Initialize");
        _free = (delegate* unmanaged[Stdcall]<nint, int>)Export("Free");
        _getAssociatedInterface = (delegate* unmanaged[Stdcall]<nint, byte, nint*, int>)Export("GetAssociatedInterface");
        _queryInterfaceSettings = (delegate* unmanaged[Stdcall]<nint, byte, byte*, int>)Export("QueryInterfaceSettings");
        _setCurrentAlternateSetting = (delegate* unmanaged[Stdcall]<nint, byte, int>)Export("SetCurrentAlternateSetting");
        _setPipePolicy = (delegate* unmanaged[Stdcall]<nint, byte, uint, uint, void*, int>)Export("SetPipePolicy");
        _controlTransfer = (delegate* unmanaged[Stdcall]<nint, Setup, byte*, uint, uint*, NativeOverlapped*, int>)Export("ControlTransfer");
        _getOverlappedResult = (delegate* unmanaged[Stdcall]<nint, NativeOverlapped*, uint*, int, int>)Export("GetOverlappedResult");
    }

    /// <summary>Loads it for good.</summary>
    /// <param name="file">"winusb.dll" or "libusbK.dll".</param>
    /// <param name="prefix">What its functions' names begin with.</param>
    /// <returns>Null if it is not there, or is not what it should be.</returns>
    public static WinUsbLibrary? TryLoad(string file, string prefix)
    {
        const DllImportSearchPath Places = DllImportSearchPath.System32 | DllImportSearchPath.ApplicationDirectory;
        if (!NativeLibrary.TryLoad(file, typeof(WinUsbLibrary).Assembly, Places, out var library))
        {
            return null;
        }

        try
        {
            return new WinUsbLibrary(library, prefix);
        }
        catch (EntryPointNotFoundException)
        {
            NativeLibrary.Free(library);
            return null;
        }
    }

    public int Initialize(nint file, out nint handle)
    {
        nint opened = 0;
        var error = Error(_initialize(file, &opened));
        handle = error == 0 ? opened : 0;
        return error;
    }

    public void Free(nint handle) => _ = _free(handle);

    public int GetAssociatedInterface(nint handle, byte index, out nint associated)
    {
        nint opened = 0;
        var error = Error(_getAssociatedInterface(handle, index, &opened));
        associated = error == 0 ? opened : 0;
        return error;
    }

    public int QueryInterfaceNumber(nint handle, out byte number)
    {
        var descriptor = stackalloc byte[DescriptorSize];
        var error = Error(_queryInterfaceSettings(handle, 0, descriptor));
        number = error == 0 ? descriptor[NumberOffset] : (byte)0;
        return error;
    }

    public int SetCurrentAlternateSetting(nint handle, byte alternateSetting) => Error(_setCurrentAlternateSetting(handle, alternateSetting));

    public int SetControlTimeout(nint handle, uint milliseconds) =>
        Error(_setPipePolicy(handle, 0, PipeTransferTimeout, sizeof(uint), &milliseconds));

    public int ControlTransfer(nint handle, UsbSetupPacket setup, nint buffer, WinUsbOverlapped overlapped)
    {
        var packet = new Setup(setup.RequestType, setup.Request, setup.Value, setup.Index, setup.Length);
        return Error(_controlTransfer(handle, packet, (byte*)buffer, setup.Length, null, (NativeOverlapped*)overlapped.Address));
    }

    public int GetOverlappedResult(nint handle, WinUsbOverlapped overlapped, out uint transferred)
    {
        uint count = 0;
        var error = Error(_getOverlappedResult(handle, (NativeOverlapped*)overlapped.Address, &count, 0));
        transferred = count;
        return error;
    }

    // A call that fails without saying why has failed nonetheless.
    private static int Error(int result) => result != 0 ? 0 : Marshal.GetLastSystemError() is var error and not 0 ? error : Win32Error.GeneralFailure;

    /// <summary>WINUSB_SETUP_PACKET.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly record struct Setup(byte RequestType, byte Request, ushort Value, ushort Index, ushort Length);
}
