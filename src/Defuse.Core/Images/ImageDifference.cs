namespace Defuse.Images;

/// <summary>A range in which two images differ.</summary>
/// <param name="Range">From the first byte that differs to the last; equal bytes may lie between them.</param>
/// <param name="Kind">How they differ there.</param>
/// <param name="ByteCount">How many bytes of the range differ, 1 to its length.</param>
/// <param name="Padding">
/// What every byte of the range is, where only one image has it and it holds nothing but 0xFF or nothing but 0x00, as erased
/// flash does; otherwise null.
/// </param>
public readonly record struct ImageDifference(AddressRange Range, ImageDifferenceKind Kind, long ByteCount, byte? Padding = null);
