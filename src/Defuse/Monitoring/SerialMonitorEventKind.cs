namespace Defuse.Monitoring;

/// <summary>What happens to the port of a serial monitor.</summary>
public enum SerialMonitorEventKind
{
    /// <summary>It was opened for the first time.</summary>
    Opened,

    /// <summary>It is gone; the board is waited for.</summary>
    Left,

    /// <summary>It is there again, and cannot be opened; that is tried on. Told once for each time that it left.</summary>
    Refused,

    /// <summary>It is there again, and open.</summary>
    Returned,
}
