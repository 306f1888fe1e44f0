namespace Defuse.Devices;

/// <summary>The pins that a USB cable is wired to on a board that has no socket for its chip.</summary>
/// <param name="DataMinus">D- ("PA11").</param>
/// <param name="DataPlus">D+ ("PA12").</param>
public sealed record UsbWires(string DataMinus, string DataPlus);
