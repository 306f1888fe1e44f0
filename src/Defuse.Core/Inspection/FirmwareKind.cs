namespace Defuse.Inspection;

/// <summary>What sort of software something in an image is, the most specific first.</summary>
public enum FirmwareKind
{
    /// <summary>What people download by its name: MicroPython, Betaflight.</summary>
    Product,

    /// <summary>What starts or replaces another program: mboot, TinyUF2.</summary>
    Bootloader,

    /// <summary>What the program was written with: Arduino, Mbed OS, Rust.</summary>
    Framework,

    /// <summary>The kernel underneath: Zephyr, FreeRTOS.</summary>
    OperatingSystem,

    /// <summary>A part of it that gives itself away: a chip maker's drivers.</summary>
    Library,
}
