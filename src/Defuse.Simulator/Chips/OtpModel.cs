namespace Defuse.Simulator.Chips;

/// <summary>One-time-programmable memory: data blocks, and a lock byte for each behind them.</summary>
/// <param name="Address">Where it begins.</param>
/// <param name="Blocks">How many blocks there are, and so lock bytes; a lock byte of 0 closes its block.</param>
/// <param name="BlockSize">Bytes of one block.</param>
internal sealed record OtpModel(uint Address, int Blocks, int BlockSize)
{
    public int DataSize => Blocks * BlockSize;

    public int Size => DataSize + Blocks;
}
