namespace Defuse.Simulator.Chips;

/// <summary>Data EEPROM: it takes any byte at any time, with no erase before (RM0376, "Data EEPROM").</summary>
/// <param name="Address">Where it begins.</param>
/// <param name="Size">Bytes.</param>
/// <param name="WordTime">What programming a word of 4 bytes, or a piece of one, takes.</param>
internal sealed record DataEepromModel(uint Address, int Size, TimeSpan WordTime)
{
    public const int WordSize = 4;

    public TimeSpan TimeOf(int length) => (length + WordSize - 1) / WordSize * WordTime;
}
