using Defuse.Images;

namespace Defuse.Devices;

/// <summary>A bootloader that a board is sold with, in flash: what a file that begins at the start of flash overwrites.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Range">Where it is.</param>
/// <param name="Source">Where that is from.</param>
public sealed record BoardBootloader(string Name, AddressRange Range, string Source);
