namespace Defuse.Devices;

/// <summary>The programs that boards are known to run, as far as they differ in how they are asked for the bootloader.</summary>
public enum ProgramKind
{
    /// <summary>One that shows a serial port, and is not known.</summary>
    Serial,

    /// <summary>MicroPython: a REPL on its serial port.</summary>
    MicroPython,

    /// <summary>CircuitPython: a REPL on its serial port.</summary>
    CircuitPython,

    /// <summary>Betaflight and its relatives INAV and Cleanflight: a command line and MSP on the serial port.</summary>
    Betaflight,

    /// <summary>ArduPilot: MAVLink on its serial port.</summary>
    ArduPilot,

    /// <summary>Arduino's core for STM32 and relatives: 1200 baud ask for the bootloader, if it was built so.</summary>
    Arduino,

    /// <summary>Zephyr.</summary>
    Zephyr,

    /// <summary>Espruino: a JavaScript console on its serial port.</summary>
    Espruino,

    /// <summary>A program with a DFU run-time interface.</summary>
    DfuRunTime,
}
