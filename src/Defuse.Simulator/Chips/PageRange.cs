namespace Defuse.Simulator.Chips;

/// <summary>A register of option bytes that holds the first and the last page of a protected range.</summary>
/// <param name="Offset">Where the register is in the option bytes: the first page in its lower half, the last in its upper.</param>
/// <param name="Width">Bits of a page's number.</param>
/// <param name="Bank">The number of the page that its bank begins with.</param>
internal readonly record struct PageRange(int Offset, int Width, int Bank)
{
    public int FirstBit => Offset * 8;

    public int LastBit => (Offset * 8) + 16;
}
