using Defuse.Transports;

namespace Defuse.Platform.LibUsb;

/// <summary>The functions of libusb-1.0 that are used here, as its documentation has them; nothing is added to what they do.</summary>
internal unsafe interface ILibUsb
{
    /// <summary>Why the library cannot be used, and how to install it; null if it is loaded. No other member may be called while it is missing.</summary>
    AccessProblem? Missing { get; }

    /// <summary>libusb_init.</summary>
    LibUsbError Init(out nint context);

    /// <summary>libusb_exit.</summary>
    void Exit(nint context);

    /// <summary>libusb_has_capability.</summary>
    bool HasCapability(LibUsbCapability capability);

    /// <summary>libusb_get_device_list: how many, or an error.</summary>
    nint GetDeviceList(LibUsbContext context, out nint* list);

    /// <summary>libusb_free_device_list.</summary>
    void FreeDeviceList(nint* list, bool unreference);

    /// <summary>libusb_ref_device.</summary>
    void ReferenceDevice(nint device);

    /// <summary>libusb_unref_device.</summary>
    void UnreferenceDevice(nint device);

    /// <summary>libusb_get_bus_number.</summary>
    byte GetBusNumber(nint device);

    /// <summary>libusb_get_port_numbers: how many, or an error.</summary>
    int GetPortNumbers(nint device, Span<byte> ports);

    /// <summary>libusb_get_device_address.</summary>
    byte GetDeviceAddress(nint device);

    /// <summary>libusb_get_device_speed: enum libusb_speed.</summary>
    int GetDeviceSpeed(nint device);

    /// <summary>libusb_get_device_descriptor.</summary>
    LibUsbError GetDeviceDescriptor(nint device, out NativeDeviceDescriptor descriptor);

    /// <summary>libusb_get_active_config_descriptor.</summary>
    LibUsbError GetActiveConfigDescriptor(nint device, out NativeConfigDescriptor* descriptor);

    /// <summary>libusb_free_config_descriptor.</summary>
    void FreeConfigDescriptor(NativeConfigDescriptor* descriptor);

    /// <summary>libusb_open.</summary>
    LibUsbError Open(LibUsbDeviceReference device, out nint handle);

    /// <summary>libusb_close.</summary>
    void Close(nint handle);

    /// <summary>libusb_claim_interface.</summary>
    LibUsbError ClaimInterface(LibUsbDeviceHandle handle, int interfaceNumber);

    /// <summary>libusb_release_interface.</summary>
    LibUsbError ReleaseInterface(LibUsbDeviceHandle handle, int interfaceNumber);

    /// <summary>libusb_set_interface_alt_setting.</summary>
    LibUsbError SetInterfaceAlternateSetting(LibUsbDeviceHandle handle, int interfaceNumber, int alternateSetting);

    /// <summary>libusb_kernel_driver_active: 1 if one is, 0 if none is, or an error.</summary>
    int KernelDriverActive(LibUsbDeviceHandle handle, int interfaceNumber);

    /// <summary>libusb_detach_kernel_driver.</summary>
    LibUsbError DetachKernelDriver(LibUsbDeviceHandle handle, int interfaceNumber);

    /// <summary>libusb_attach_kernel_driver.</summary>
    LibUsbError AttachKernelDriver(LibUsbDeviceHandle handle, int interfaceNumber);

    /// <summary>libusb_alloc_transfer, without isochronous packets; null if there is no memory.</summary>
    NativeTransfer* AllocateTransfer();

    /// <summary>libusb_free_transfer.</summary>
    void FreeTransfer(NativeTransfer* transfer);

    /// <summary>libusb_submit_transfer.</summary>
    LibUsbError SubmitTransfer(NativeTransfer* transfer);

    /// <summary>libusb_cancel_transfer.</summary>
    LibUsbError CancelTransfer(NativeTransfer* transfer);

    /// <summary>libusb_handle_events_completed with no condition: returns after something happened, was interrupted, or a minute.</summary>
    LibUsbError HandleEvents(LibUsbContext context);

    /// <summary>libusb_interrupt_event_handler.</summary>
    void InterruptEventHandler(LibUsbContext context);

    /// <summary>libusb_hotplug_register_callback for every device, arriving or leaving, without those that are there already.</summary>
    LibUsbError RegisterHotplug(LibUsbContext context, delegate* unmanaged<nint, nint, int, nint, int> callback, nint userData, out int registration);

    /// <summary>libusb_hotplug_deregister_callback.</summary>
    void DeregisterHotplug(LibUsbContext context, int registration);
}
