namespace Defuse.Entering;

/// <summary>How a running program is asked for the bootloader.</summary>
public enum EntryWay
{
    /// <summary>DFU_DETACH on its run-time interface (USB DFU 1.1, section 5.1).</summary>
    DfuDetach,

    /// <summary>Opening its serial port at 1200 baud and closing it with DTR low (Arduino's convention).</summary>
    Touch1200,

    /// <summary>machine.bootloader() or pyb.bootloader() at MicroPython's REPL.</summary>
    MicroPythonRepl,

    /// <summary>Betaflight's MSP_REBOOT or, at its command line, "bl".</summary>
    Betaflight,

    /// <summary>The byte R that early flight controllers wait for.</summary>
    SerialR,

    /// <summary>MAVLink's MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN with ArduPilot's magic for DFU.</summary>
    ArduPilot,

    /// <summary>RTS and DTR of a serial adapter that are wired to BOOT0 and NRST; only when it is asked for by name.</summary>
    ModemLines,
}
