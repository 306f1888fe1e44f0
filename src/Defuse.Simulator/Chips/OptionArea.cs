namespace Defuse.Simulator.Chips;

/// <summary>A piece of the option bytes that a bootloader lets a host reach.</summary>
/// <param name="Address">Where it begins.</param>
/// <param name="Offset">Where in <see cref="OptionByteModel.Factory"/> it begins.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct OptionArea(uint Address, int Offset, int Size);
