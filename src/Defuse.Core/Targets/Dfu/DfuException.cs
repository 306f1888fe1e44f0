namespace Defuse.Targets.Dfu;

/// <summary>A DFU device refused a request, or ended up in a state that the request does not lead to.</summary>
public sealed class DfuException : DeviceRefusedException
{
    /// <summary>What is asked with a data block.</summary>
    internal const string Write = "to write a block";

    private readonly bool _wasNotBegun;

    /// <param name="request">What was asked of it.</param>
    /// <param name="status">What it answered.</param>
    /// <param name="address">Where, if that matters.</param>
    /// <param name="wasNotBegun">Whether the answer came before any work could begin.</param>
    /// <param name="remedy">What a person can do; null for what the status suggests.</param>
    internal DfuException(string request, DfuStatus status, uint? address, bool wasNotBegun = false, string? remedy = null)
        : base($"the device refused {request}: {status}", address, remedy ?? RemedyFor(request, status))
    {
        _wasNotBegun = wasNotBegun;
        Request = request;
        Code = status.Code;
        State = status.State;
    }

    /// <summary>What was asked of it ("to erase a sector").</summary>
    public string Request { get; }

    /// <summary>bStatus of its answer.</summary>
    public DfuStatusCode Code { get; }

    /// <summary>bState of its answer.</summary>
    public DfuState State { get; }

    /// <inheritdoc/>
    /// <remarks>
    /// ST's ROMs answer errVENDOR while read-out protection is on (AN3156). To a write it may as well mean that a flash word could
    /// not be programmed, and reading or erasing tells before that.
    /// </remarks>
    public override bool IndicatesReadOutProtection => Code == DfuStatusCode.Vendor && !IsWrite;

    /// <inheritdoc/>
    /// <remarks>ST's ROMs check protection and address before they begin (AN3156).</remarks>
    public override bool NothingWasDone => _wasNotBegun || IndicatesReadOutProtection || Code is DfuStatusCode.Target or DfuStatusCode.Address;

    private bool IsWrite => Request == Write;

    private static string? RemedyFor(string request, DfuStatus status) => status.Code switch
    {
        DfuStatusCode.Vendor when request != Write =>
            "its flash is probably read-out protected; defuse unprotect removes the protection and wipes the chip",
        DfuStatusCode.Target or DfuStatusCode.Address => "the address is not in a memory of this device; check which chip the file was made for",
        DfuStatusCode.Vendor or DfuStatusCode.Write or DfuStatusCode.Program or DfuStatusCode.Erase or DfuStatusCode.CheckErased or DfuStatusCode.Verify =>
            "unplug the board, plug it in again and repeat; if it fails at the same address, try --erase chip",
        DfuStatusCode.Ok when status.State is DfuState.AppIdle or DfuState.AppDetach =>
            "the device runs its program; start its bootloader first (BOOT0 high, then power on)",
        _ => "unplug the board, plug it in again with BOOT0 high and repeat",
    };
}
