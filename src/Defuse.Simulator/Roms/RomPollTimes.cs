namespace Defuse.Simulator.Roms;

/// <summary>The bwPollTimeout that a ROM announces for each kind of work, in ms; not how long the work takes.</summary>
/// <param name="SetAddress">For the address command, and others that are done at once.</param>
/// <param name="Erase">For erasing a sector.</param>
/// <param name="MassErase">For erasing everything.</param>
/// <param name="Write">For programming a block.</param>
internal sealed record RomPollTimes(int SetAddress, int Erase, int MassErase, int Write)
{
    /// <summary>
    /// 100 ms for erasing is captured (F7), and 100 and 104 ms on a clone of the F4-class ROM; that the F4 announces them
    /// too is inferred from how slowly a host that obeys them writes.
    /// </summary>
    public static RomPollTimes Usual { get; } = new(100, 100, 100, 104);
}
