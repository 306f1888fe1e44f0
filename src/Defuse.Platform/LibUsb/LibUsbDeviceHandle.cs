using System.Runtime.InteropServices;

namespace Defuse.Platform.LibUsb;

/// <summary>A libusb_device_handle: an open device.</summary>
internal sealed class LibUsbDeviceHandle : SafeHandle
{
    private readonly ILibUsb _native;

    private LibUsbDeviceHandle(ILibUsb native)
        : base(0, ownsHandle: true) => _native = native;

    public override bool IsInvalid => handle == 0;

    /// <summary>Null if it could not be opened.</summary>
    public static LibUsbDeviceHandle? Open(ILibUsb native, LibUsbDeviceReference device, out LibUsbError error)
    {
        var opened = new LibUsbDeviceHandle(native);
        error = native.Open(device, out var handle);
        if (error != LibUsbError.Success)
        {
            opened.Dispose();
            return null;
        }

        opened.SetHandle(handle);
        return opened;
    }

    protected override bool ReleaseHandle()
    {
        _native.Close(handle);
        return true;
    }
}
