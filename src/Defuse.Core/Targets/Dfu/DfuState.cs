namespace Defuse.Targets.Dfu;

/// <summary>bState (USB DFU 1.1, section 6.1.2).</summary>
public enum DfuState : byte
{
    /// <summary>appIDLE: the program runs.</summary>
    AppIdle = 0,

    /// <summary>appDETACH: the program waits for a USB reset.</summary>
    AppDetach = 1,

    /// <summary>dfuIDLE.</summary>
    Idle = 2,

    /// <summary>dfuDNLOAD-SYNC: a block was received; GETSTATUS starts the work.</summary>
    DownloadSync = 3,

    /// <summary>dfuDNBUSY: the work goes on.</summary>
    DownloadBusy = 4,

    /// <summary>dfuDNLOAD-IDLE: the work is done, another block may come.</summary>
    DownloadIdle = 5,

    /// <summary>dfuMANIFEST-SYNC.</summary>
    ManifestSync = 6,

    /// <summary>dfuMANIFEST: it is leaving.</summary>
    Manifest = 7,

    /// <summary>dfuMANIFEST-WAIT-RESET.</summary>
    ManifestWaitReset = 8,

    /// <summary>dfuUPLOAD-IDLE.</summary>
    UploadIdle = 9,

    /// <summary>dfuERROR.</summary>
    Error = 10,
}
