namespace Defuse.Platform.LibUsb;

/// <summary>How an asynchronous transfer ended (enum libusb_transfer_status).</summary>
internal enum LibUsbTransferStatus
{
    Completed = 0,
    Error = 1,
    TimedOut = 2,
    Cancelled = 3,
    Stall = 4,
    NoDevice = 5,
    Overflow = 6,
}
