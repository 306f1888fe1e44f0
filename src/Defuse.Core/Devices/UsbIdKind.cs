namespace Defuse.Devices;

/// <summary>What kind of thing a USB device is, by its ids and strings.</summary>
public enum UsbIdKind
{
    /// <summary>A bootloader that speaks DFU.</summary>
    DfuBootloader,

    /// <summary>A debug probe.</summary>
    Probe,

    /// <summary>A board's program.</summary>
    Program,

    /// <summary>A serial adapter's chip (CH340, CP210x, FTDI).</summary>
    SerialAdapter,

    /// <summary>A bootloader that shows a drive (UF2).</summary>
    DriveBootloader,

    /// <summary>Often taken for an STM32 board, and none that Defuse works with (a Bluetooth adapter that speaks DFU, CH32's ROM, Espressif).</summary>
    Stranger,
}
