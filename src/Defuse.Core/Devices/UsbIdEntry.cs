namespace Defuse.Devices;

/// <summary>What is known of a USB device's ids and strings.</summary>
/// <param name="Kind">What kind of thing it is.</param>
/// <param name="Name">What to call it ("ST-LINK/V2-1", "Betaflight").</param>
/// <param name="Program">The program, of a <see cref="UsbIdKind.Program"/>; null otherwise.</param>
/// <param name="Source">Where this is from.</param>
public sealed record UsbIdEntry(UsbIdKind Kind, string Name, ProgramKind? Program, string Source);
