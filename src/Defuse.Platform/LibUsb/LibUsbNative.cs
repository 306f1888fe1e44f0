using Defuse.Transports;

namespace Defuse.Platform.LibUsb;

/// <summary>The real libusb-1.0, loaded when it is first asked for.</summary>
internal sealed unsafe class LibUsbNative : ILibUsb
{
    private const int HotplugArrivedOrLeft = 3;
    private const int MatchAny = -1;

    private readonly Lazy<AccessProblem?> _missing = new(LibUsbLibrary.WhyMissing);

    public AccessProblem? Missing => _missing.Value;

    public LibUsbError Init(out nint context) => NativeMethods.libusb_init(out context);

    public void Exit(nint context) => NativeMethods.libusb_exit(context);

    public bool HasCapability(LibUsbCapability capability) => NativeMethods.libusb_has_capability(capability) != 0;

    public nint GetDeviceList(LibUsbContext context, out nint* list) => NativeMethods.libusb_get_device_list(context, out list);

    public void FreeDeviceList(nint* list, bool unreference) => NativeMethods.libusb_free_device_list(list, unreference ? 1 : 0);

    public void ReferenceDevice(nint device) => _ = NativeMethods.libusb_ref_device(device);

    public void UnreferenceDevice(nint device) => NativeMethods.libusb_unref_device(device);

    public byte GetBusNumber(nint device) => NativeMethods.libusb_get_bus_number(device);

    public int GetPortNumbers(nint device, Span<byte> ports)
    {
        fixed (byte* first = ports)
        {
            return NativeMethods.libusb_get_port_numbers(device, first, ports.Length);
        }
    }

    public byte GetDeviceAddress(nint device) => NativeMethods.libusb_get_device_address(device);

    public int GetDeviceSpeed(nint device) => NativeMethods.libusb_get_device_speed(device);

    public LibUsbError GetDeviceDescriptor(nint device, out NativeDeviceDescriptor descriptor) =>
        NativeMethods.libusb_get_device_descriptor(device, out descriptor);

    public LibUsbError GetActiveConfigDescriptor(nint device, out NativeConfigDescriptor* descriptor) =>
        NativeMethods.libusb_get_active_config_descriptor(device, out descriptor);

    public void FreeConfigDescriptor(NativeConfigDescriptor* descriptor) => NativeMethods.libusb_free_config_descriptor(descriptor);

    public LibUsbError Open(LibUsbDeviceReference device, out nint handle) => NativeMethods.libusb_open(device, out handle);

    public void Close(nint handle) => NativeMethods.libusb_close(handle);

    public LibUsbError ClaimInterface(LibUsbDeviceHandle handle, int interfaceNumber) => NativeMethods.libusb_claim_interface(handle, interfaceNumber);

    public LibUsbError ReleaseInterface(LibUsbDeviceHandle handle, int interfaceNumber) => NativeMethods.libusb_release_interface(handle, interfaceNumber);

    public LibUsbError SetInterfaceAlternateSetting(LibUsbDeviceHandle handle, int interfaceNumber, int alternateSetting) =>
        NativeMethods.libusb_set_interface_alt_setting(handle, interfaceNumber, alternateSetting);

    public int KernelDriverActive(LibUsbDeviceHandle handle, int interfaceNumber) => NativeMethods.libusb_kernel_driver_active(handle, interfaceNumber);

    public LibUsbError DetachKernelDriver(LibUsbDeviceHandle handle, int interfaceNumber) => NativeMethods.libusb_detach_kernel_driver(handle, interfaceNumber);

    public LibUsbError AttachKernelDriver(LibUsbDeviceHandle handle, int interfaceNumber) => NativeMethods.libusb_attach_kernel_driver(handle, interfaceNumber);

    public NativeTransfer* AllocateTransfer() => NativeMethods.libusb_alloc_transfer(0);

    public void FreeTransfer(NativeTransfer* transfer) => NativeMethods.libusb_free_transfer(transfer);

    public LibUsbError SubmitTransfer(NativeTransfer* transfer) => NativeMethods.libusb_submit_transfer(transfer);

    public LibUsbError CancelTransfer(NativeTransfer* transfer) => NativeMethods.libusb_cancel_transfer(transfer);

    public LibUsbError HandleEvents(LibUsbContext context) => NativeMethods.libusb_handle_events_completed(context, null);

    public void InterruptEventHandler(LibUsbContext context) => NativeMethods.libusb_interrupt_event_handler(context);

    public LibUsbError RegisterHotplug(LibUsbContext context, delegate* unmanaged<nint, nint, int, nint, int> callback, nint userData, out int registration) =>
        NativeMethods.libusb_hotplug_register_callback(context, HotplugArrivedOrLeft, 0, MatchAny, MatchAny, MatchAny, callback, userData, out registration);

    public void DeregisterHotplug(LibUsbContext context, int registration) => NativeMethods.libusb_hotplug_deregister_callback(context, registration);
}
