namespace Defuse.Simulator.Chips;

/// <summary>STM32C562xE: 512 KB of 8 KB sectors.</summary>
/// <remarks>
/// Sectors as its ROM announces them. That it programs 16 bytes at a time, once, as an H5 does, and what erasing and
/// programming take, is inferred; its option bytes are not known, and there are none.
/// </remarks>
internal static class Stm32C562
{
    public static ChipModel Model { get; } = new()
    {
        Name = "STM32C562RE",
        IdCode = 0x1000_644E,
        SingleBank = [new(64, 8192, TimeSpan.FromMilliseconds(2))],
        ProgramUnit = 16,
        ProgramTime = TimeSpan.FromMicroseconds(35),
        Programming = FlashProgramming.UnitsOnce,
        MassEraseTime = TimeSpan.FromMilliseconds(128),
    };
}
