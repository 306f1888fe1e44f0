namespace Defuse.Transports;

/// <summary>A USB signalling rate; the values are those that USB/IP and Linux use on the wire.</summary>
public enum UsbSpeed
{
    /// <summary>Not known.</summary>
    Unknown = 0,

    /// <summary>1.5 Mbit/s.</summary>
    Low = 1,

    /// <summary>12 Mbit/s, what every STM32 ROM bootloader speaks.</summary>
    Full = 2,

    /// <summary>480 Mbit/s.</summary>
    High = 3,

    /// <summary>Wireless USB.</summary>
    Wireless = 4,

    /// <summary>5 Gbit/s.</summary>
    Super = 5,

    /// <summary>10 Gbit/s and more.</summary>
    SuperPlus = 6,
}
