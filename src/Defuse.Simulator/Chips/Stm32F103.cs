namespace Defuse.Simulator.Chips;

/// <summary>STM32F103xB: 128 KB in pages of 1 KB (RM0008, section 3.3), without its option bytes.</summary>
internal static class Stm32F103
{
    public static ChipModel Model { get; } = new()
    {
        Name = "STM32F103CB",
        IdCode = 0x2003_6410,

        // DS5319, "Flash memory characteristics": a half-word 52.5 us, a page 20 to 40 ms, mass erase 20 to 40 ms; from memory, not re-read.
        SingleBank = [new(128, 1024, TimeSpan.FromMilliseconds(30))],
        ProgramUnit = 2,
        ProgramTime = TimeSpan.FromMicroseconds(52.5),
        MassEraseTime = TimeSpan.FromMilliseconds(30),
        Programming = FlashProgramming.ErasedUnits,
    };
}
