namespace Defuse.Simulator.Chips;

/// <summary>Addresses at which a memory, or a piece of it, is seen.</summary>
/// <param name="Memory">Which memory.</param>
/// <param name="Address">Where the window begins.</param>
/// <param name="Offset">Where in the memory it begins.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct ChipWindow(ChipMemory Memory, uint Address, int Offset, int Size)
{
    public bool Holds(ulong address, int length) =>
        address >= Address && address + (uint)length <= (ulong)Address + (uint)Size;

    public int OffsetOf(ulong address) => (int)(address - Address) + Offset;
}
