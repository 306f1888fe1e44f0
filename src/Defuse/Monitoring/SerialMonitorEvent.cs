namespace Defuse.Monitoring;

/// <summary>Something that happened to the port of a serial monitor.</summary>
/// <param name="Kind">What.</param>
/// <param name="Port">The port's name: "/dev/ttyACM0", "COM5". A board may come back under another one.</param>
public sealed record SerialMonitorEvent(SerialMonitorEventKind Kind, string Port)
{
    /// <summary>What the system calls the USB device behind the port, where it tells.</summary>
    public string? Product { get; init; }

    /// <summary>Why it is not opened (<see cref="SerialMonitorEventKind.Refused"/>), with what to do.</summary>
    public TransportException? Reason { get; init; }
}
