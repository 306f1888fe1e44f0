namespace Defuse.Simulator.Roms;

/// <summary>The bwPollTimeout that a bootloader announces for each kind of work, in ms; not how long the work takes.</summary>
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

    /// <summary>
    /// Too short, so that a host that waits this long is refused up to three times: the figures are made up, from how often hosts
    /// were found to have to try again.
    /// </summary>
    public static RomPollTimes TooShort { get; } = new(1, 6, 12, 6);

    /// <summary>None at all (mboot).</summary>
    public static RomPollTimes None { get; } = new(0, 0, 0, 0);

    /// <summary>What the templates of ST's USB device class say (CubeMX).</summary>
    public static RomPollTimes DeviceClass { get; } = new(50, 100, 500, 50);
}
