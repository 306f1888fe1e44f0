using System.Runtime.InteropServices;

namespace Defuse.Platform.LibUsb;

/// <summary>A libusb_context.</summary>
internal sealed class LibUsbContext : SafeHandle
{
    private readonly ILibUsb _native;

    private LibUsbContext(ILibUsb native)
        : base(0, ownsHandle: true) => _native = native;

    public override bool IsInvalid => handle == 0;

    /// <exception cref="TransportException">libusb cannot be used here.</exception>
    public static LibUsbContext Create(ILibUsb native)
    {
        var context = new LibUsbContext(native);
        if (native.Init(out var handle) is var error and not LibUsbError.Success)
        {
            throw new TransportException(
                TransportFailure.Fault, $"libusb could not be started ({LibUsbErrors.Name(error)})", "Check that this machine has USB, and that this program may see it");
        }

        context.SetHandle(handle);
        return context;
    }

    protected override bool ReleaseHandle()
    {
        _native.Exit(handle);
        return true;
    }
}
