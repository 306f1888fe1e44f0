namespace Defuse.Simulator.Chips;

/// <summary>The option byte RDP.</summary>
/// <param name="Offset">Where it is in the option bytes.</param>
/// <param name="Level0">The value that means level 0.</param>
/// <param name="Level1">A value that means level 1, as all values do that have no meaning of their own.</param>
/// <param name="Level2">The value that means level 2; null where there is none.</param>
internal sealed record ReadProtectionByte(int Offset, byte Level0 = 0xAA, byte Level1 = 0xBB, byte? Level2 = 0xCC)
{
    public int LevelOf(byte value) => value == Level0 ? 0 : value == Level2 ? 2 : 1;

    /// <exception cref="ArgumentOutOfRangeException">The chip has no such level.</exception>
    public byte ValueOf(int level) => level switch
    {
        0 => Level0,
        1 => Level1,
        2 when Level2 is { } value => value,
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "Read-out protection levels are 0, 1 and, on most chips, 2."),
    };
}
