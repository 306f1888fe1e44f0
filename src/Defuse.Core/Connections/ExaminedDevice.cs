using Defuse.Diagnostics;

namespace Defuse.Connections;

/// <summary>A USB device that was looked at, and left as it was.</summary>
/// <param name="Device">The device.</param>
/// <param name="Condition">What its bootloader said; null if it runs no bootloader.</param>
public sealed record ExaminedDevice(SeenUsbDevice Device, DfuCondition? Condition);
