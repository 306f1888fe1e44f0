using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>Bytes of an image that all hold one value.</summary>
/// <param name="Range">Where.</param>
/// <param name="Value">0xFF or 0x00.</param>
public readonly record struct BlankRun(AddressRange Range, byte Value);
