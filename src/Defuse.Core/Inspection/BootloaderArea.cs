using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>Where a board keeps the bootloader that it is sold with.</summary>
/// <param name="Range">The addresses that it takes.</param>
/// <param name="Name">What it is called ("mboot").</param>
public sealed record BootloaderArea(AddressRange Range, string Name);
