namespace Defuse.Simulator.Chips;

/// <summary>How option bytes say which sectors are write-protected.</summary>
internal abstract record WriteProtectionModel
{
    /// <summary>Whether a sector is protected.</summary>
    /// <param name="bytes">The option bytes.</param>
    /// <param name="sector">The sector's number.</param>
    /// <param name="sectorCount">How many there are.</param>
    public abstract bool IsProtected(ReadOnlySpan<byte> bytes, int sector, int sectorCount);

    /// <summary>Protects these sectors and no others, and those that share a bit with them.</summary>
    /// <param name="bytes">The option bytes.</param>
    /// <param name="sectors">The sectors' numbers.</param>
    /// <param name="sectorCount">How many there are.</param>
    /// <exception cref="ArgumentException">The option bytes cannot say this.</exception>
    public abstract void Protect(Span<byte> bytes, IReadOnlySet<int> sectors, int sectorCount);
}
