namespace Defuse.Transports;

/// <summary>The lines of a serial port that the other side drives.</summary>
[Flags]
public enum SerialInputLines
{
    /// <summary>None is asserted, or the port has none.</summary>
    None = 0,

    /// <summary>CTS.</summary>
    ClearToSend = 1,

    /// <summary>DSR.</summary>
    DataSetReady = 2,

    /// <summary>RI.</summary>
    RingIndicator = 4,

    /// <summary>DCD.</summary>
    DataCarrierDetect = 8,
}
