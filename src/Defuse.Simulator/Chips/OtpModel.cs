namespace Defuse.Simulator.Chips;

/// <summary>One-time-programmable memory.</summary>
/// <param name="Address">Where it begins.</param>
/// <param name="Blocks">How many blocks there are.</param>
/// <param name="BlockSize">Bytes of one block.</param>
/// <param name="HasLockBytes">
/// Whether a lock byte for each block follows the data, which is 0 for a block that is closed (F2, F4, F7). Otherwise a
/// block is a unit with an error correction code that is programmed once, as of flash; afterwards it takes only zeros, and all
/// else is a failure (L4, G4, U5).
/// </param>
internal sealed record OtpModel(uint Address, int Blocks, int BlockSize, bool HasLockBytes = true)
{
    public int DataSize => Blocks * BlockSize;

    public int Size => DataSize + (HasLockBytes ? Blocks : 0);
}
