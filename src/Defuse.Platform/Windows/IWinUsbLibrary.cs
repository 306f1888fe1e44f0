using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>The calls of winusb.dll, which libusbK.dll has under names of its own. Each returns a Win32 error; 0 if there is none.</summary>
internal interface IWinUsbLibrary
{
    /// <summary>WinUsb_Initialize: the first interface of what was opened.</summary>
    int Initialize(nint file, out nint handle);

    /// <summary>WinUsb_Free.</summary>
    void Free(nint handle);

    /// <summary>WinUsb_GetAssociatedInterface: the interfaces after the first one, by an index from 0.</summary>
    int GetAssociatedInterface(nint handle, byte index, out nint associated);

    /// <summary>WinUsb_QueryInterfaceSettings for the first alternate setting.</summary>
    /// <param name="handle">The interface.</param>
    /// <param name="number">Its bInterfaceNumber.</param>
    int QueryInterfaceNumber(nint handle, out byte number);

    /// <summary>WinUsb_SetCurrentAlternateSetting, which waits for the device.</summary>
    int SetCurrentAlternateSetting(nint handle, byte alternateSetting);

    /// <summary>WinUsb_SetPipePolicy for PIPE_TRANSFER_TIMEOUT of pipe 0, in milliseconds.</summary>
    int SetControlTimeout(nint handle, uint milliseconds);

    /// <summary>WinUsb_ControlTransfer, overlapped.</summary>
    /// <param name="handle">The interface.</param>
    /// <param name="setup">The setup packet.</param>
    /// <param name="buffer">Its data, which nobody else touches until it has completed.</param>
    /// <param name="overlapped">Its event is set when it has completed.</param>
    /// <returns>ERROR_IO_PENDING (997) or 0 if it has begun, which ends in an event in both cases.</returns>
    int ControlTransfer(nint handle, UsbSetupPacket setup, nint buffer, WinUsbOverlapped overlapped);

    /// <summary>WinUsb_GetOverlappedResult, without waiting.</summary>
    int GetOverlappedResult(nint handle, WinUsbOverlapped overlapped, out uint transferred);
}
