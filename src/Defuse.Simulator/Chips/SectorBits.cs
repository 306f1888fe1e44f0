using System.Collections.Immutable;

namespace Defuse.Simulator.Chips;

/// <summary>A bit for each sector, or for as many neighbours as it takes where there are fewer bits than sectors.</summary>
/// <param name="Bits">Where they are, in the order of the sectors, counted from the option bytes' first bit on.</param>
/// <param name="Protects">The value that protects: false for nWRP bits.</param>
internal sealed record SectorBits(ImmutableArray<int> Bits, bool Protects = false) : WriteProtectionModel
{
    /// <summary>The bits while there are more sectors than <see cref="Bits"/>, where these are others.</summary>
    public ImmutableArray<int> DualBank { get; init; } = Bits;

    public override bool IsProtected(ReadOnlySpan<byte> bytes, int sector, int sectorCount)
    {
        var bits = BitsFor(sectorCount);
        return OptionBits.Get(bytes, bits[Group(sector, sectorCount, bits)]) == Protects;
    }

    public override void Protect(Span<byte> bytes, IReadOnlySet<int> sectors, int sectorCount)
    {
        var bits = BitsFor(sectorCount);
        var groups = sectors.Select(x => Group(x, sectorCount, bits)).ToHashSet();
        for (var i = 0; i < bits.Length; i++)
        {
            OptionBits.Set(bytes, bits[i], groups.Contains(i) == Protects);
        }
    }

    private static int Group(int sector, int sectorCount, ImmutableArray<int> bits) => sector / ((sectorCount + bits.Length - 1) / bits.Length);

    private ImmutableArray<int> BitsFor(int sectorCount) => sectorCount > Bits.Length ? DualBank : Bits;
}
