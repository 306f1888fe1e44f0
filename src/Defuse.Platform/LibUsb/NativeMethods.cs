using System.Reflection;
using System.Runtime.InteropServices;

namespace Defuse.Platform.LibUsb;

/// <summary>libusb-1.0's functions by their own names (libusb.h, 1.0.21 or later).</summary>
#pragma warning disable IDE1006, SA1300 // Names are libusb's.
internal static unsafe partial class NativeMethods
{
    static NativeMethods() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, Resolve);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_init(out nint context);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial void libusb_exit(nint context);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial int libusb_has_capability(LibUsbCapability capability);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial nint libusb_get_device_list(LibUsbContext context, out nint* list);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial void libusb_free_device_list(nint* list, int unreference);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial nint libusb_ref_device(nint device);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial void libusb_unref_device(nint device);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial byte libusb_get_bus_number(nint device);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial int libusb_get_port_numbers(nint device, byte* ports, int length);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial byte libusb_get_device_address(nint device);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial int libusb_get_device_speed(nint device);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_get_device_descriptor(nint device, out NativeDeviceDescriptor descriptor);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_get_active_config_descriptor(nint device, out NativeConfigDescriptor* descriptor);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial void libusb_free_config_descriptor(NativeConfigDescriptor* descriptor);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_open(LibUsbDeviceReference device, out nint handle);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial void libusb_close(nint handle);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_claim_interface(LibUsbDeviceHandle handle, int interfaceNumber);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_release_interface(LibUsbDeviceHandle handle, int interfaceNumber);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_set_interface_alt_setting(LibUsbDeviceHandle handle, int interfaceNumber, int alternateSetting);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial int libusb_kernel_driver_active(LibUsbDeviceHandle handle, int interfaceNumber);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_detach_kernel_driver(LibUsbDeviceHandle handle, int interfaceNumber);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_attach_kernel_driver(LibUsbDeviceHandle handle, int interfaceNumber);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial NativeTransfer* libusb_alloc_transfer(int isochronousPackets);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial void libusb_free_transfer(NativeTransfer* transfer);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_submit_transfer(NativeTransfer* transfer);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_cancel_transfer(NativeTransfer* transfer);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_handle_events_completed(LibUsbContext context, int* completed);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial void libusb_interrupt_event_handler(LibUsbContext context);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial LibUsbError libusb_hotplug_register_callback(
        LibUsbContext context,
        int events,
        int flags,
        int vendorId,
        int productId,
        int deviceClass,
        delegate* unmanaged<nint, nint, int, nint, int> callback,
        nint userData,
        out int registration);

    [LibraryImport(LibUsbLibrary.Name)]
    internal static partial void libusb_hotplug_deregister_callback(LibUsbContext context, int registration);

    // Any other library of this assembly is found the usual way.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name == LibUsbLibrary.Name && LibUsbLibrary.TryLoad(LibUsbLibrary.Candidates(), out var library) ? library : 0;
}
