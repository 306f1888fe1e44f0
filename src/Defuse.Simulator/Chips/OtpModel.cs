namespace Defuse.Simulator.Chips;

/// <summary>One-time-programmable memory.</summary>
/// <param name="Address">Where it begins.</param>
/// <param name="Blocks">How many blocks there are.</param>
/// <param name="BlockSize">Bytes of one block.</param>
/// <param name="HasLockBytes">
/// Whether a lock byte for each block follows the data, which is 0 for a block that is closed (F2, F4, F7). Otherwise a
/// block carries an error correction code, and is closed as soon as it is not blank any more (L4, G4, U5).
/// </param>
internal sealed record OtpModel(uint Address, int Blocks, int BlockSize, bool HasLockBytes = true)
{
    public int DataSize => Blocks * BlockSize;

    public int Size => DataSize + (HasLockBytes ? Blocks : 0);
}
