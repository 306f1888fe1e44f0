using Defuse.Devices;

namespace Defuse.Inspection;

/// <summary>A sector that an image touches; all of it is erased.</summary>
/// <param name="Sector">The sector.</param>
/// <param name="ImageBytes">How many of its bytes the image has.</param>
public readonly record struct SectorUse(Sector Sector, long ImageBytes)
{
    /// <summary>How many of its bytes are erased and left blank.</summary>
    public long Rest => Sector.Range.Length - ImageBytes;
}
