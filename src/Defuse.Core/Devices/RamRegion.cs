using Defuse.Images;

namespace Defuse.Devices;

/// <summary>A piece of RAM, as the reference manual names it.</summary>
/// <param name="Name">What ST calls it ("DTCM", "SRAM1").</param>
/// <param name="Range">Where it is.</param>
/// <param name="IsAlias">Whether it is another piece's memory under a second address.</param>
public sealed record RamRegion(string Name, AddressRange Range, bool IsAlias);
