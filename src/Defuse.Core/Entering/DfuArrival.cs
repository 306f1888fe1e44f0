using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>What became of a board that was asked for DFU mode.</summary>
/// <param name="Kind">What.</param>
/// <param name="Device">The USB device that it is now; null if there is none.</param>
internal readonly record struct DfuArrival(DfuArrivalKind Kind, UsbDeviceInfo? Device = null);
