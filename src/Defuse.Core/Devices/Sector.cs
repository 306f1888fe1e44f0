using Defuse.Images;

namespace Defuse.Devices;

/// <summary>The smallest piece of memory that is erased at once; ST calls it a sector or a page, by family.</summary>
/// <param name="Range">The addresses that it takes.</param>
/// <param name="Access">What may be done with it.</param>
/// <param name="AlternateSetting">The DFU alternate setting that it is reached through; 0 where there is no such thing.</param>
/// <param name="Number">Its place in its region, from 0.</param>
public readonly record struct Sector(AddressRange Range, SectorAccess Access, byte AlternateSetting, int Number)
{
    /// <inheritdoc/>
    public override string ToString() => $"sector {Number} ({Range})";
}
