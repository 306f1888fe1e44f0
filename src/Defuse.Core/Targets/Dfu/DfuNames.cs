namespace Defuse.Targets.Dfu;

/// <summary>States and statuses as USB DFU 1.1 spells them.</summary>
internal static class DfuNames
{
    public static string Of(DfuState state) => state switch
    {
        DfuState.AppIdle => "appIDLE",
        DfuState.AppDetach => "appDETACH",
        DfuState.Idle => "dfuIDLE",
        DfuState.DownloadSync => "dfuDNLOAD-SYNC",
        DfuState.DownloadBusy => "dfuDNBUSY",
        DfuState.DownloadIdle => "dfuDNLOAD-IDLE",
        DfuState.ManifestSync => "dfuMANIFEST-SYNC",
        DfuState.Manifest => "dfuMANIFEST",
        DfuState.ManifestWaitReset => "dfuMANIFEST-WAIT-RESET",
        DfuState.UploadIdle => "dfuUPLOAD-IDLE",
        DfuState.Error => "dfuERROR",
        _ => $"state {(byte)state}",
    };

    public static string Of(DfuStatusCode status) => status switch
    {
        DfuStatusCode.Ok => "OK",
        DfuStatusCode.Target => "errTARGET",
        DfuStatusCode.File => "errFILE",
        DfuStatusCode.Write => "errWRITE",
        DfuStatusCode.Erase => "errERASE",
        DfuStatusCode.CheckErased => "errCHECK_ERASED",
        DfuStatusCode.Program => "errPROG",
        DfuStatusCode.Verify => "errVERIFY",
        DfuStatusCode.Address => "errADDRESS",
        DfuStatusCode.NotDone => "errNOTDONE",
        DfuStatusCode.Firmware => "errFIRMWARE",
        DfuStatusCode.Vendor => "errVENDOR",
        DfuStatusCode.UsbReset => "errUSBR",
        DfuStatusCode.PowerOnReset => "errPOR",
        DfuStatusCode.Unknown => "errUNKNOWN",
        DfuStatusCode.StalledPacket => "errSTALLEDPKT",
        _ => $"status {(byte)status}",
    };
}
