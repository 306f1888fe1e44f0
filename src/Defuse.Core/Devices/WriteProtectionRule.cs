namespace Defuse.Devices;

/// <summary>Which part of flash a field of the option bytes protects.</summary>
/// <param name="Field">The field; of pages, the one with the first page.</param>
/// <param name="LastField">The field with the last page; null where each bit protects a part.</param>
/// <param name="ProtectsWhen">The value of a bit that protects.</param>
/// <param name="First">The number that bit 0 stands for.</param>
/// <param name="UnitBytes">How many bytes a bit protects; 0 if it counts sectors.</param>
/// <param name="UnitSectors">How many sectors a bit protects; 0 if it counts bytes.</param>
/// <param name="SecondBank">Whether it counts from the second bank.</param>
/// <param name="Rest">Whether the last bit protects all that follows.</param>
/// <param name="Halves">Whether in two banks half of the bits belong to each, two sectors a bit.</param>
internal sealed record WriteProtectionRule(
    string Field, string? LastField, int ProtectsWhen, int First, long UnitBytes, int UnitSectors, bool SecondBank, bool Rest, bool Halves);
