using System.Runtime.InteropServices;

namespace Defuse.Platform.LibUsb;

/// <summary>A libusb_device that is kept; whoever has one keeps its context too.</summary>
internal sealed class LibUsbDeviceReference : SafeHandle
{
    private readonly ILibUsb _native;

    public LibUsbDeviceReference(ILibUsb native, nint device)
        : base(0, ownsHandle: true)
    {
        _native = native;
        native.ReferenceDevice(device);
        SetHandle(device);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        _native.UnreferenceDevice(handle);
        return true;
    }
}
