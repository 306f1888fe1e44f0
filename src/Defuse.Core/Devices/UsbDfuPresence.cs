namespace Defuse.Devices;

/// <summary>Whether a chip's ROM has a USB DFU bootloader.</summary>
public enum UsbDfuPresence
{
    /// <summary>No source says.</summary>
    Unknown,

    /// <summary>It has none: BOOT0 leads to other interfaces at most.</summary>
    No,

    /// <summary>It has one; parts without USB excepted, which the evidence then names.</summary>
    Yes,
}
