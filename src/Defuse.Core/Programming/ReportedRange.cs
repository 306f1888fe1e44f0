using Defuse.Images;

namespace Defuse.Programming;

/// <summary>A range of memory and what is known of it.</summary>
/// <param name="Range">The addresses.</param>
/// <param name="State">What is known.</param>
public readonly record struct ReportedRange(AddressRange Range, RangeState State);
