namespace Defuse.Devices;

/// <summary>The option bit that says whether flash is in one bank or in two.</summary>
/// <param name="Address">Where the ROM shows the option word.</param>
/// <param name="Bit">The bit's number in it.</param>
/// <param name="Name">What ST calls it ("nDBANK").</param>
/// <param name="SingleBankWhenSet">Whether a 1 means one bank.</param>
public sealed record BankModeBit(uint Address, int Bit, string Name, bool SingleBankWhenSet);
