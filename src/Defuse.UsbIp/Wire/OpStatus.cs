namespace Defuse.UsbIp.Wire;

/// <summary>How a server answers a request of the first phase; usbip's names are in the comments.</summary>
internal enum OpStatus : uint
{
    /// <summary>ST_OK.</summary>
    Ok = 0,

    /// <summary>ST_NA.</summary>
    NotAvailable = 1,

    /// <summary>ST_DEV_BUSY.</summary>
    DeviceBusy = 2,

    /// <summary>ST_DEV_ERR.</summary>
    DeviceError = 3,

    /// <summary>ST_NODEV.</summary>
    NoDevice = 4,

    /// <summary>ST_ERROR.</summary>
    Error = 5,
}
