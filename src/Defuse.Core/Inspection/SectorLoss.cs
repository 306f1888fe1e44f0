using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>Something in memory that flashing an image would destroy.</summary>
/// <param name="Range">From its first byte that would be lost to its last.</param>
/// <param name="What">What it seems to be, in plain words.</param>
public sealed record SectorLoss(AddressRange Range, string What);
