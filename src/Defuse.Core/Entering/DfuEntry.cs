using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>A board that is in DFU mode now.</summary>
/// <param name="Device">The USB device that it is now.</param>
/// <param name="Way">How it got there.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record DfuEntry(UsbDeviceInfo Device, EntryWay Way, TimeSpan Elapsed);
