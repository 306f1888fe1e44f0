namespace Defuse.Simulator.Roms;

/// <summary>bState (USB DFU 1.1, section 6.1.2).</summary>
internal enum DfuState : byte
{
    AppIdle = 0,
    AppDetach = 1,
    Idle = 2,
    DnloadSync = 3,
    DnBusy = 4,
    DnloadIdle = 5,
    ManifestSync = 6,
    Manifest = 7,
    ManifestWaitReset = 8,
    UploadIdle = 9,
    Error = 10,
}
