using Defuse.Devices;

namespace Defuse.Planning;

/// <summary>A sector that the image touches.</summary>
/// <param name="Sector">The sector.</param>
/// <param name="ImageBytes">How many of its bytes the image has.</param>
/// <param name="Decision">What happens to it.</param>
public sealed record SectorStep(Sector Sector, long ImageBytes, SectorDecision Decision);
