namespace Defuse.Devices;

/// <summary>The option bit that says whether flash is in one bank or in two.</summary>
/// <param name="Name">What ST calls it ("nDBANK").</param>
/// <param name="Address">Where the ROM shows the option word over DFU; null if that is not known.</param>
/// <param name="Bit">The bit's number in that word.</param>
/// <param name="RegisterBit">The bit's number in the option register.</param>
/// <param name="SingleBankWhenSet">Whether a 1 means one bank.</param>
public sealed record BankModeBit(string Name, uint? Address, int Bit, int RegisterBit, bool SingleBankWhenSet);
