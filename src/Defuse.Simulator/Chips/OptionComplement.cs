namespace Defuse.Simulator.Chips;

/// <summary>Option bytes that are stored a second time, complemented.</summary>
/// <param name="Value">Offset of the value.</param>
/// <param name="Complement">Offset of its complement.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct OptionComplement(int Value, int Complement, int Size)
{
    /// <summary>Values of a size that are each followed by their complement.</summary>
    public static IEnumerable<OptionComplement> Pairs(int offset, int count, int size) =>
        Enumerable.Range(0, count).Select(x => new OptionComplement(offset + (2 * x * size), offset + (((2 * x) + 1) * size), size));
}
