using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Planning;

/// <summary>Which sectors differ from an image.</summary>
/// <remarks>Immutable.</remarks>
public sealed class MemorySurvey
{
    private readonly ImmutableHashSet<uint> _changed;

    /// <param name="changedSectors">The first addresses of the sectors that differ; all others are the same.</param>
    public MemorySurvey(IEnumerable<uint> changedSectors) => _changed = [.. changedSectors];

    /// <summary>Whether a sector holds anything else than the image has for it.</summary>
    public bool Differs(Sector sector) => _changed.Contains(sector.Range.Start);
}
