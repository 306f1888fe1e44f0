namespace Defuse.Targets.Dfu;

/// <summary>bStatus (USB DFU 1.1, section 6.1.2), with the meaning that ST gives some of them (AN3156).</summary>
public enum DfuStatusCode : byte
{
    /// <summary>OK.</summary>
    Ok = 0,

    /// <summary>errTARGET: the address is not in this memory.</summary>
    Target = 1,

    /// <summary>errFILE.</summary>
    File = 2,

    /// <summary>errWRITE.</summary>
    Write = 3,

    /// <summary>errERASE.</summary>
    Erase = 4,

    /// <summary>errCHECK_ERASED.</summary>
    CheckErased = 5,

    /// <summary>errPROG.</summary>
    Program = 6,

    /// <summary>errVERIFY.</summary>
    Verify = 7,

    /// <summary>errADDRESS.</summary>
    Address = 8,

    /// <summary>errNOTDONE.</summary>
    NotDone = 9,

    /// <summary>errFIRMWARE.</summary>
    Firmware = 10,

    /// <summary>errVENDOR: read-out protection, from ST's ROMs.</summary>
    Vendor = 11,

    /// <summary>errUSBR.</summary>
    UsbReset = 12,

    /// <summary>errPOR.</summary>
    PowerOnReset = 13,

    /// <summary>errUNKNOWN.</summary>
    Unknown = 14,

    /// <summary>errSTALLEDPKT.</summary>
    StalledPacket = 15,
}
