namespace Defuse.Simulator.Roms;

/// <summary>bStatus, as far as simulated bootloaders use it (USB DFU 1.1, section 6.1.2).</summary>
internal enum DfuStatus : byte
{
    Ok = 0,
    ErrTarget = 1,
    ErrAddress = 8,
    ErrNotDone = 9,
    ErrVendor = 11,
    ErrUnknown = 14,
    ErrStalledPkt = 15,
}
